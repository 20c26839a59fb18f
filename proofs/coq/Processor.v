(** What the conditions of the theorems speak of: states, what a program sees of them, and
    instructions that end in another state or trap.

    It is less than an architecture (Machine.v): nothing is said of what a trap does, of how a state
    is laid out, or of who is in user mode but that it can be told.  So the conditions can be stated
    of a machine whose trap exchanges no program status words.  No monitor is claimed for it: that
    takes an architecture.  Of an architecture the classes here are those of Classification.v. *)
From Coq Require Import List.
From Trapeze Require Import Machine Classification.

Record processor := {
  pstate : Type;
  legal : pstate -> Prop;              (* the states that there are *)
  in_user : pstate -> Prop;
  pview : Type;
  seen : pstate -> pview;              (* what a program sees: storage within R, P, registers *)
  changed : pstate -> pstate -> Prop;  (* control state, devices or storage outside R are another *)
  pcause : Type;
  of_address : pcause -> Prop;         (* memory traps *)
  pinstr : Type;
  perform : pinstr -> pstate -> outcome pstate pcause
}.

Section Classes.
Context (P : processor).

Definition same_end (o1 o2 : outcome (pstate P) (pcause P)) : Prop :=
  match o1, o2 with
  | Next a, Next b => seen P a = seen P b
  | Trap c, Trap d => c = d
  | _, _ => False
  end.

(** Control sensitive, behaviour sensitive: as [control_sensitive] and [behaviour_sensitive]. *)
Definition sensitive_in (i : pinstr P) : Prop :=
  (exists s s', legal P s /\ perform P i s = Next s' /\ changed P s s') \/
  (exists s1 s2, legal P s1 /\ legal P s2 /\ seen P s1 = seen P s2 /\
     ~ same_end (perform P i s1) (perform P i s2)).
(** The same, looking at user states only. *)
Definition user_sensitive_in (i : pinstr P) : Prop :=
  (exists s s', legal P s /\ in_user P s /\ perform P i s = Next s' /\ changed P s s') \/
  (exists s1 s2, legal P s1 /\ legal P s2 /\ in_user P s1 /\ in_user P s2 /\ seen P s1 = seen P s2 /\
     ~ same_end (perform P i s1) (perform P i s2)).
Definition privileged_in (i : pinstr P) : Prop :=
  (forall s, legal P s -> in_user P s -> exists c, perform P i s = Trap c) /\
  (forall s c, legal P s -> ~ in_user P s -> perform P i s = Trap c -> of_address P c).

(** The conditions of Theorems 1 and 3. *)
Definition first_condition : Prop := forall i, sensitive_in i -> privileged_in i.
Definition third_condition : Prop := forall i, user_sensitive_in i -> privileged_in i.

(** What the theorems' monitors need of a sensitive instruction is the first half of "privileged".
    RTE of a 68010 is not privileged to the letter: in supervisor mode, too, it traps where the stack
    pointer is odd. *)
Definition trapping_in (i : pinstr P) : Prop :=
  forall s, legal P s -> in_user P s -> exists c, perform P i s = Trap c.
Definition first_condition_in_user_mode : Prop := forall i, sensitive_in i -> trapping_in i.
Definition third_condition_in_user_mode : Prop := forall i, user_sensitive_in i -> trapping_in i.

Lemma privileged_is_trapping : forall i, privileged_in i -> trapping_in i.
Proof. intros i (T & _). exact T. Qed.
Theorem conditions_in_user_mode :
  (first_condition -> first_condition_in_user_mode) /\
  (third_condition -> third_condition_in_user_mode).
Proof. split; intros H i S; apply privileged_is_trapping, H, S. Qed.

(** The conditions under a map, as `trapeze check` has them.  A monitor needs them of a virtual
    machine's state and its image only, what is real while it runs: a map that keeps more in the real
    control registers than the mode and the relocation leaves less that could be told apart, or run. *)
Section Under.
Variable image : pstate P -> pstate P -> Prop.
Definition sensitive_under (i : pinstr P) : Prop :=
  (exists s s', legal P s /\ perform P i s = Next s' /\ changed P s s') \/
  (exists s r, legal P s /\ legal P r /\ image s r /\ ~ same_end (perform P i s) (perform P i r)).
Definition user_sensitive_under (i : pinstr P) : Prop :=
  (exists s s', legal P s /\ in_user P s /\ perform P i s = Next s' /\ changed P s s') \/
  (exists s r, legal P s /\ legal P r /\ in_user P s /\ image s r /\
     ~ same_end (perform P i s) (perform P i r)).
Definition trapping_under (i : pinstr P) : Prop :=
  forall s r, legal P s -> legal P r -> image s r -> exists c, perform P i r = Trap c.
Definition first_condition_under : Prop := forall i, sensitive_under i -> trapping_under i.
Definition third_condition_under : Prop := forall i, user_sensitive_under i -> trapping_under i.

(** An image is in user mode, and a program sees the same in it. *)
Hypothesis image_user : forall s r, image s r -> in_user P r.
Hypothesis image_seen : forall s r, image s r -> seen P s = seen P r.
Theorem conditions_under :
  (first_condition_in_user_mode -> first_condition_under) /\
  (third_condition_in_user_mode -> third_condition_under).
Proof.
  split; intros H i S s r _ L M; apply (H i); auto; [|exact (image_user s r M)| |exact (image_user s r M)];
  destruct S as [C|C].
  - left. exact C.
  - destruct C as (a & b & A & B & E & D). right. exists a, b. auto.
  - left. exact C.
  - destruct C as (a & b & A & B & U & E & D). right. exists a, b. pose proof (image_user a b E). auto 10.
Qed.
End Under.

Lemma user_sensitive_is_sensitive : forall i, user_sensitive_in i -> sensitive_in i.
Proof.
  intros i [(s & s' & L & _ & E & C)|(s1 & s2 & L1 & L2 & _ & _ & S & D)].
  - left. exists s, s'. auto.
  - right. exists s1, s2. auto.
Qed.
Theorem first_gives_third : first_condition -> third_condition.
Proof. intros H i S. apply H, user_sensitive_is_sensitive, S. Qed.
End Classes.

(** An architecture's processor. *)
Definition processor_of (A : arch) : processor := {|
  pstate := stateA A; legal := fun _ => True; in_user := fun s => pm (st s) = Usr;
  pview := list (W A) * PC A * G A; seen := fun s => (window A s, pp (st s), regs s);
  changed := control_change A;
  pcause := cause A; of_address := fun c => is_mem A c = true;
  pinstr := instr A; perform := exec A |}.

Section Architecture.
Context (A : arch).
Lemma seen_same_view : forall s1 s2 : stateA A,
  seen (processor_of A) s1 = seen (processor_of A) s2 <-> same_view A s1 s2.
Proof.
  intros s1 s2. unfold same_view. simpl. split; [intro H; injection H; auto|].
  intros (-> & -> & ->). reflexivity.
Qed.
Lemma same_end_outcome : forall o1 o2,
  same_end (processor_of A) o1 o2 <-> same_outcome A o1 o2.
Proof. intros [a|c] [b|d]; simpl; try tauto. apply seen_same_view. Qed.

Theorem sensitive_of_architecture : forall i, sensitive_in (processor_of A) i <-> sensitive A i.
Proof.
  intro i. split.
  - intros [(s & s' & _ & E & C)|(s1 & s2 & _ & _ & S & D)].
    + left. exists s, s'. auto.
    + right. exists s1, s2. rewrite seen_same_view in S. rewrite same_end_outcome in D. auto.
  - intros [(s & s' & E & C)|(s1 & s2 & S & D)].
    + left. exists s, s'. simpl. auto.
    + right. exists s1, s2. rewrite seen_same_view, same_end_outcome. simpl. auto.
Qed.
Theorem user_sensitive_of_architecture : forall i,
  user_sensitive_in (processor_of A) i <-> user_sensitive A i.
Proof.
  intro i. split.
  - intros [(s & s' & _ & U & E & C)|(s1 & s2 & _ & _ & U1 & U2 & S & D)].
    + left. exists s, s'. auto.
    + right. exists s1, s2. rewrite seen_same_view in S. rewrite same_end_outcome in D. auto.
  - intros [(s & s' & U & E & C)|(s1 & s2 & U1 & U2 & S & D)].
    + left. exists s, s'. simpl. auto.
    + right. exists s1, s2. rewrite seen_same_view, same_end_outcome. simpl. auto 10.
Qed.
Theorem privileged_of_architecture : forall i, privileged_in (processor_of A) i <-> privileged A i.
Proof.
  intro i. unfold privileged_in, privileged, traps_in_user. simpl. split; intros (H1 & H2).
  - split; [intros s U; apply H1; auto|]. intros s c S. apply H2; [exact I|]. rewrite S. discriminate.
  - split; [intros s _ U; apply H1, U|]. intros s c _ N. apply H2. destruct (pm (st s)); congruence.
Qed.
Theorem conditions_of_architecture :
  (first_condition (processor_of A) <-> virtualizable A) /\
  (third_condition (processor_of A) <-> hybrid_virtualizable A).
Proof.
  unfold first_condition, third_condition, virtualizable, hybrid_virtualizable.
  split; split; intros H i S.
  - apply privileged_of_architecture, H, sensitive_of_architecture, S.
  - apply privileged_of_architecture, H, sensitive_of_architecture, S.
  - apply privileged_of_architecture, H, user_sensitive_of_architecture, S.
  - apply privileged_of_architecture, H, user_sensitive_of_architecture, S.
Qed.
End Architecture.
