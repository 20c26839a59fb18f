(** The classes of instructions: sections 3, 4 and 8 of the paper.

    These are the definitions that the theorems use.  Where they differ from the paper's letter,
    Literal.v has the letter, and for each difference a machine on which the letter is wrong. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine.

Section Classification.
Context (A : arch).

(** what a program can see: its window, P and the registers (neither M nor R nor the rest of E) *)
Definition same_view (s1 s2 : stateA A) : Prop :=
  window A s1 = window A s2 /\ pp (st s1) = pp (st s2) /\ regs s1 = regs s2.

Definition same_outcome (o1 o2 : outcome (stateA A) (cause A)) : Prop :=
  match o1, o2 with
  | Next a, Next b => same_view a b
  | Trap c, Trap d => c = d
  | _, _ => False
  end.

(** storage outside the window of [s] is the same in s' *)
Definition outside_same (s s' : stateA A) : Prop :=
  firstn (rl A (pr (st s))) (mem s') = firstn (rl A (pr (st s))) (mem s) /\
  skipn (rl A (pr (st s)) + rb A (pr (st s))) (mem s') =
  skipn (rl A (pr (st s)) + rb A (pr (st s))) (mem s).

Definition control_change (s s' : stateA A) : Prop :=
  pr (st s') <> pr (st s) \/ pm (st s') <> pm (st s) \/ dev s' <> dev s \/ ~ outside_same s s'.

(** control sensitive: some execution that does not trap changes R, or M, or storage outside R *)
Definition control_sensitive (i : instr A) : Prop :=
  exists s s', exec A i s = Next s' /\ control_change s s'.

(** behaviour sensitive: the outcome is not determined by what the program can see
    (location sensitive when the two states differ in R or in storage outside it, mode sensitive
    when they differ in M) *)
Definition behaviour_sensitive (i : instr A) : Prop :=
  exists s1 s2, same_view s1 s2 /\ ~ same_outcome (exec A i s1) (exec A i s2).
Definition location_sensitive (i : instr A) : Prop :=
  exists s1 s2, same_view s1 s2 /\ pm (st s1) = pm (st s2) /\
                ~ same_outcome (exec A i s1) (exec A i s2).

Definition sensitive i := control_sensitive i \/ behaviour_sensitive i.
Definition innocuous i := ~ sensitive i.

(** user sensitive: the same, looking at user states only *)
Definition user_control_sensitive (i : instr A) : Prop :=
  exists s s', pm (st s) = Usr /\ exec A i s = Next s' /\ control_change s s'.
Definition user_location_sensitive (i : instr A) : Prop :=
  exists s1 s2, pm (st s1) = Usr /\ pm (st s2) = Usr /\
    same_view s1 s2 /\ ~ same_outcome (exec A i s1) (exec A i s2).
Definition user_sensitive i := user_control_sensitive i \/ user_location_sensitive i.

(** privileged: always traps in user mode; in supervisor mode only memory traps *)
Definition traps_in_user (i : instr A) : Prop :=
  forall s, pm (st s) = Usr -> exists c, exec A i s = Trap c.
Definition privileged (i : instr A) : Prop :=
  traps_in_user i /\
  forall s c, pm (st s) = Sup -> exec A i s = Trap c -> is_mem A c = true.

(* decidability: from the decidable equalities only *)
Definition same_view_dec : forall s1 s2, {same_view s1 s2} + {~ same_view s1 s2}.
Proof.
  intros. unfold same_view.
  destruct (list_eq_dec (W_dec A) (window A s1) (window A s2)); [|right; tauto].
  destruct (PC_dec A (pp (st s1)) (pp (st s2))); [|right; tauto].
  destruct (G_dec A (regs s1) (regs s2)); [left|right]; tauto.
Defined.
Definition same_outcome_dec : forall o1 o2, {same_outcome o1 o2} + {~ same_outcome o1 o2}.
Proof.
  intros [a|c] [b|d]; simpl; [apply same_view_dec|right; tauto|right; tauto|apply cause_dec].
Defined.
Lemma outside_same_dec : forall s s', {outside_same s s'} + {~ outside_same s s'}.
Proof.
  intros; unfold outside_same.
  destruct (list_eq_dec (W_dec A) (firstn (rl A (pr (st s))) (mem s')) (firstn (rl A (pr (st s))) (mem s)));
    [|right; tauto].
  destruct (list_eq_dec (W_dec A) (skipn (rl A (pr (st s)) + rb A (pr (st s))) (mem s'))
     (skipn (rl A (pr (st s)) + rb A (pr (st s))) (mem s))); [left|right]; tauto.
Qed.

(** user-mode behaviour of an instruction that is not user sensitive *)
Lemma not_user_sensitive_control : forall i, ~ user_sensitive i -> forall s s',
  pm (st s) = Usr -> exec A i s = Next s' ->
  pr (st s') = pr (st s) /\ pm (st s') = Usr /\ dev s' = dev s /\ outside_same s s'.
Proof.
  intros i H s s' U E.
  destruct (RR_dec A (pr (st s')) (pr (st s))) as [e1|e1];
  [|exfalso; apply H; left; exists s, s'; unfold control_change; tauto].
  destruct (mode_dec (pm (st s')) (pm (st s))) as [e2|e2];
  [|exfalso; apply H; left; exists s, s'; unfold control_change; tauto].
  destruct (D_dec A (dev s') (dev s)) as [e4|e4];
  [|exfalso; apply H; left; exists s, s'; unfold control_change; tauto].
  destruct (outside_same_dec s s') as [e3|e3];
  [|exfalso; apply H; left; exists s, s'; unfold control_change; tauto].
  rewrite <- U. auto.
Qed.

Lemma innocuous_control : forall i, innocuous i -> forall s s',
  exec A i s = Next s' ->
  pr (st s') = pr (st s) /\ pm (st s') = pm (st s) /\ dev s' = dev s /\ outside_same s s'.
Proof.
  intros i H s s' E.
  destruct (RR_dec A (pr (st s')) (pr (st s))) as [e1|e1];
  [|exfalso; apply H; left; exists s, s'; unfold control_change; tauto].
  destruct (mode_dec (pm (st s')) (pm (st s))) as [e2|e2];
  [|exfalso; apply H; left; exists s, s'; unfold control_change; tauto].
  destruct (D_dec A (dev s') (dev s)) as [e4|e4];
  [|exfalso; apply H; left; exists s, s'; unfold control_change; tauto].
  destruct (outside_same_dec s s') as [e3|e3];
  [|exfalso; apply H; left; exists s, s'; unfold control_change; tauto].
  auto.
Qed.

Lemma innocuous_view : forall i, innocuous i -> forall s1 s2, same_view s1 s2 ->
  same_outcome (exec A i s1) (exec A i s2).
Proof.
  intros i H s1 s2 V. destruct (same_outcome_dec (exec A i s1) (exec A i s2)); auto.
  exfalso; apply H; right; exists s1, s2; auto.
Qed.

Lemma not_user_sensitive_view : forall i, ~ user_sensitive i -> forall s1 s2,
  pm (st s1) = Usr -> pm (st s2) = Usr -> same_view s1 s2 ->
  same_outcome (exec A i s1) (exec A i s2).
Proof.
  intros i H s1 s2 U1 U2 V. destruct (same_outcome_dec (exec A i s1) (exec A i s2)); auto.
  exfalso; apply H; right; exists s1, s2; auto.
Qed.

Lemma user_sensitive_sensitive : forall i, user_sensitive i -> sensitive i.
Proof.
  intros i [(s & s' & U & E & C)|(s1 & s2 & U1 & U2 & V & D)].
  - left; exists s, s'; auto.
  - right; exists s1, s2; auto.
Qed.


(** The instruction fetched is part of what a program sees. *)
Lemma fetch_view : forall s1 s2, same_view s1 s2 -> fetch A s1 = fetch A s2.
Proof. intros s1 s2 (H1 & H2 & H3); unfold fetch. rewrite H1, H2. reflexivity. Qed.

(** The conditions of Theorems 1 and 3. *)
Definition virtualizable : Prop := forall i, sensitive i -> privileged i.
Definition hybrid_virtualizable : Prop := forall i, user_sensitive i -> privileged i.
End Classification.
