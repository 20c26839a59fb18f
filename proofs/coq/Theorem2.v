(** Theorem 2: section 7 of the paper.

    "A conventional third generation computer is recursively virtualizable if it is (a)
    virtualizable, and (b) a VMM without any timing dependencies can be constructed for it."

    Here the control program is a program: its text stands in storage, and the machine itself runs
    it, from the state that the trap leaves.  Where Theorem 1's condition holds and such a program
    does what a control program must ([control_program_correct]), towers of virtual machines of any
    depth go on as the bare machine does. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification VMMap Monitor Theorem1.

Section Recursion.
Context (A : arch).
Notation step := (step A).

(** The text [image c], run by the machine itself from the state the trap leaves, meets the monitor's
    specification.  The number of steps is existentially quantified: nothing may depend on timing. *)
Definition control_program_correct (c : cfg A) : Prop :=
  forall v r k, runs A c v r -> result A r = Trap k ->
    exists n, n > 0 /\ emulates A c v (do_trap A k r) (iter A n step (do_trap A k r)) /\
      forall j, j <= n -> resources_kept A c (do_trap A k r) (iter A j step (do_trap A k r)).

Hypothesis condition : virtualizable A.

(** Theorem 1 with no oracle: every step is a step of the real machine *)
Theorem theorem1_program : forall c, control_program_correct c ->
  forall v r, runs A c v r ->
  exists n, n > 0 /\ runs A c (step v) (iter A n step r) /\
            forall j, j <= n -> resources_kept A c r (iter A j step r).
Proof.
  intros c CP v r R.
  assert (D : pm (st r) = Usr) by (destruct R as (_ & U & _); auto).
  (* use one_step with the standard monitor to split the cases *)
  destruct (one_step A c condition _ monitor_correct v r R)
    as [(i & r' & F & E & I & S & R' & RK)|(T & _ & _ & (k & Ek))].
  - exists 1. simpl. rewrite S. split; [lia|]. split; auto.
    intros j Hj. destruct j as [|[|j]]; [split; auto| |lia]. simpl. rewrite S. exact RK.
  - destruct (CP _ _ _ R Ek) as (n & Hn & (M1 & _) & M2).
    assert (SS : step r = do_trap A k r) by (unfold Machine.step; rewrite Ek; reflexivity).
    exists (S n). simpl. rewrite SS. split; [lia|]. split; auto.
    intros j Hj. destruct j as [|j]; [split; auto|]. simpl. rewrite SS.
    eapply resources_kept_trans; [|apply (M2 j); lia].
    apply do_trap_kept. destruct R as ((L & _) & _); auto.
Qed.

Lemma theorem1_program_run : forall c, control_program_correct c ->
  forall k v r, runs A c v r ->
  exists n, n >= k /\ runs A c (iter A k step v) (iter A n step r) /\
            forall j, j <= n -> resources_kept A c r (iter A j step r).
Proof.
  intros c CP; induction k; intros v r R.
  - exists 0. simpl. split; [lia|]. split; auto. intros j Hj. replace j with 0 by lia. split; auto.
  - destruct (theorem1_program c CP v r R) as (n1 & Hn & R1 & K1).
    destruct (IHk _ _ R1) as (n2 & Hn2 & R2 & K2).
    exists (n1 + n2). rewrite iter_add. split; [lia|]. split; auto.
    intros j Hj. destruct (Nat.le_gt_cases j n1); [auto|].
    replace j with (n1 + (j - n1)) by lia. rewrite iter_add.
    eapply resources_kept_trans; [apply (K1 n1); lia|apply K2; lia].
Qed.

(** resource control at every instant of the real machine's own run, control program included *)
Theorem theorem1_program_always : forall c, control_program_correct c ->
  forall v r, runs A c v r -> forall t, resources_kept A c r (iter A t step r).
Proof.
  intros c CP v r R t. destruct (theorem1_program_run c CP t v r R) as (n & Hn & _ & K).
  apply K. lia.
Qed.

(** a tower of virtual machines: [c1 :: c2 :: ...], outermost first; each virtual machine is the real
    machine of the next *)
Fixpoint tower (cs : list (cfg A)) (v r : stateA A) : Prop :=
  match cs with
  | [] => v = r
  | c :: cs => exists m, runs A c m r /\ tower cs v m
  end.

Fixpoint nested (cs : list (cfg A)) : Prop :=
  match cs with
  | [] => True
  | c :: t => match t with [] => True | d :: _ => size A c = q A d end /\ nested t
  end.

(** Theorem 2: to any depth, one step of the innermost machine is a finite run of the real one,
    and every machine of the tower is again in step. *)
Theorem theorem2 : forall cs, (forall c, In c cs -> control_program_correct c) ->
  forall v r, tower cs v r ->
  exists n, n > 0 /\ tower cs (step v) (iter A n step r).
Proof.
  induction cs as [|c cs IH]; intros CP v r T.
  - exists 1. simpl in *. subst. auto.
  - destruct T as (m & R & T).
    destruct (IH (fun d H => CP d (or_intror H)) v m T) as (n & Hn & T').
    (* n steps of the intermediate machine, each a finite run of the real one *)
    destruct (theorem1_program_run c (CP c (or_introl eq_refl)) n m r R) as (n' & Hn' & R' & _).
    exists n'. split; [lia|]. exists (iter A n step m). auto.
Qed.

Theorem theorem2_run : forall cs, (forall c, In c cs -> control_program_correct c) ->
  forall k v r, tower cs v r ->
  exists n, n >= k /\ tower cs (iter A k step v) (iter A n step r).
Proof.
  intros cs CP; induction k; intros v r T.
  - exists 0. simpl. auto.
  - destruct (theorem2 cs CP v r T) as (n1 & Hn & T1).
    destruct (IHk _ _ T1) as (n2 & Hn2 & T2).
    exists (n1 + n2). rewrite iter_add. split; [lia|]. exact T2.
Qed.

(** the sizes of a tower's machines must fit: nothing to assume, [runs] forces it *)
Lemma tower_nested : forall cs v r, tower cs v r -> nested cs.
Proof.
  induction cs as [|c cs IH]; intros v r T; simpl; auto.
  destruct T as (m & R & T). split; [|eapply IH; eauto]. destruct cs as [|d cs]; auto.
  pose proof (runs_len _ _ R) as L. destruct T as (m' & ((L' & _) & _) & _). congruence.
Qed.

End Recursion.
