(** Several virtual machines in one storage: the allocator "never gives one resource to two", and the
    scheduler is whatever it likes.

    Each has a block of its own; its registers, devices and PSW are kept by the resident monitor while
    others run.  However they are scheduled, each goes on as it would on a machine of its own, timer
    and interrupts included, and when they take turns is not to be seen: virtual time passes only with
    a machine's own steps. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification VMMap Resident.

Section Sharing.
Context (A : arch) (vm : Type) (vm_dec : forall i j : vm, {i = j} + {i <> j}).
Context (c : vm -> cfg A) (T : clock A) (direct : mode -> bool).
Hypothesis alike : runs_alike A direct.
Notation state := (stateA A).
Notation base i := (base A (c i)). Notation size i := (size A (c i)).
Hypothesis steady : forall i R d, fst (fst (pass A T Usr (comp A (c i) R) d)) = comp A (c i) R.
(** What ends a burst: an event in virtual time, or a quantum. *)
Context (horizon : vm -> private A -> nat).
Hypothesis horizon_calm : forall i h, raises_nothing A T (horizon i h) h.

(** No storage is given to two. *)
Hypothesis blocks_apart : forall i j, i <> j ->
  base i + size i <= base j \/ base j + size j <= base i.

(** What is kept of a virtual machine that does not run: all of its real state but the storage. *)
Record context := { kept_private : private A; kept_regs : G A; kept_psw : pswA A }.
(** Storage, the real devices, and what is kept. *)
Definition shared := (list (W A) * D A * (vm -> context))%type.

(** The real machine when a virtual machine is given the processor. *)
Definition given (i : vm) (s : shared) : state :=
  let x := snd s i in mkst (fst (fst s)) (kept_regs x) (snd (fst s)) (kept_psw x).

(** A turn of machine i, of so many virtual steps, and its context is put away. *)
Definition take_turn (i : vm) (s : shared) : nat * shared :=
  let '(k, (h, r)) := turn A (c i) T direct (horizon i) (kept_private (snd s i)) (given i s) in
  (k, (mem r, dev r, fun j => if vm_dec j i
                              then {| kept_private := h; kept_regs := regs r; kept_psw := st r |}
                              else snd s j)).

(** All of them are where they should be. *)
Definition all_held (v : vm -> state) (s : shared) : Prop :=
  forall i, held A (c i) (v i) (kept_private (snd s i)) (given i s).

Definition stepped (v : vm -> state) (i : vm) (k : nat) : vm -> state :=
  fun j => if vm_dec j i then iter A k (timed_step A T) (v i) else v j.

Theorem take_turn_held : forall v s i, all_held v s ->
  fst (take_turn i s) > 0 /\ all_held (stepped v i (fst (take_turn i s))) (snd (take_turn i s)).
Proof.
  intros v s i H. unfold take_turn.
  destruct (turn A (c i) T direct (horizon i) (kept_private (snd s i)) (given i s)) as [k [h r]] eqn:E.
  destruct (turn_held A (c i) T direct alike (steady i) (horizon i) (horizon_calm i) _ _ _ (H i) _ _ _ E)
    as (P & H1 & L1 & O1).
  split; [exact P|]. intro j. unfold stepped, given. simpl.
  destruct (vm_dec j i) as [->|NE]; simpl.
  - destruct r as [m g d p]. exact H1.
  - destruct (H j) as (L & U & R & V). split; [simpl in *; congruence|].
    split; [exact U|]. split; [exact R|]. rewrite <- V. unfold virtual. simpl.
    f_equal. apply O1. unfold apart. destruct (blocks_apart i j); auto; lia.
Qed.

(** A schedule: who has the processor, turn after turn; and how many steps machine i makes in it. *)
Fixpoint schedule (l : list vm) (s : shared) : shared :=
  match l with [] => s | i :: l => schedule l (snd (take_turn i s)) end.
Fixpoint steps (i : vm) (l : list vm) (s : shared) : nat :=
  match l with
  | [] => 0
  | j :: l => (if vm_dec i j then fst (take_turn j s) else 0) + steps i l (snd (take_turn j s))
  end.
Fixpoint turns (i : vm) (l : list vm) : nat :=
  match l with [] => 0 | j :: l => (if vm_dec i j then 1 else 0) + turns i l end.

Lemma schedule_held : forall l v s, all_held v s ->
  all_held (fun i => iter A (steps i l s) (timed_step A T) (v i)) (schedule l s) /\
  forall i, turns i l <= steps i l s.
Proof.
  induction l as [|j l IH]; intros v s H; [split; [exact H|reflexivity]|]. simpl.
  destruct (take_turn_held v s j H) as (P & H1). destruct (IH _ _ H1) as (H2 & Q). split; intro i.
  - specialize (H2 i). cbv beta in H2. unfold stepped in H2.
    destruct (vm_dec i j) as [->|]; [rewrite iter_add|]; exact H2.
  - specialize (Q i). destruct (vm_dec i j); lia.
Qed.

(** Each goes on as on a machine of its own, at least a step for each turn that it is given. *)
Theorem sharing : forall l v s i, all_held v s ->
  turns i l <= steps i l s /\
  held A (c i) (iter A (steps i l s) (timed_step A T) (v i))
       (kept_private (snd (schedule l s) i)) (given i (schedule l s)).
Proof. intros l v s i H. destruct (schedule_held l v s H) as (X & Y). auto. Qed.

(** What the others do is not to be seen: two schedules in which i makes as many steps leave its
    machine the same, whatever the others are and do. *)
Theorem isolated : forall l l' v v' s s' i, all_held v s -> all_held v' s' -> v i = v' i ->
  steps i l s = steps i l' s' ->
  virtual A (c i) (kept_private (snd (schedule l s) i)) (given i (schedule l s)) =
  virtual A (c i) (kept_private (snd (schedule l' s') i)) (given i (schedule l' s')).
Proof.
  intros l l' v v' s s' i H H' E N.
  destruct (sharing l v s i H) as (_ & _ & _ & _ & ->).
  destruct (sharing l' v' s' i H') as (_ & _ & _ & _ & ->). rewrite E, N. reflexivity.
Qed.
End Sharing.
