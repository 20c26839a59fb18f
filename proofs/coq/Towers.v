(** Theorem 2 made concrete: the same control program under itself, to any depth. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification VMMap Monitor Theorem1 Theorem2 Kinds Toy ControlProgram.

Section Tower.
Variable mx : nat.
Let A := SM mx.

Definition blank (sz : nat) : list word :=
  cells sz (WN 0) (WP CIll (mkpsw Sup 8 (0, kbase + sz))) (WN 0) (WN 0) (WN 0) (WN 0) (WN 0) (WN 0)
        (repeat (WN 0) sz).
Definition boot (sz : nat) (rg : regs4) : stateA A := mkst (blank sz) rg tt (mkpsw Sup 0 (0, 0)).

Lemma boot_minv : forall sz H F rg, minv A (scfg mx sz H F) (boot sz rg).
Proof.
  intros. split; [|split; reflexivity]. apply (cells_len mx sz); auto. apply repeat_length.
Qed.

Lemma tower_snoc : forall cs c v m r, tower A cs m r -> runs A c v m -> tower A (cs ++ [c]) v r.
Proof.
  induction cs as [|d cs IH]; simpl; intros c v m r T R.
  - subst. exists v. split; auto.
  - destruct T as (m' & R' & T). exists m'. split; auto. eapply IH; eauto.
Qed.

Definition is_soft (c : cfg A) : Prop := exists sz H F, c = scfg mx sz H F.

Theorem tower_exists : forall n sz, 2 <= sz -> n * kbase + sz <= mx ->
  forall v : stateA A, length (mem v) = sz ->
  exists cs r, length cs = n /\ (forall c, In c cs -> is_soft c) /\ tower A cs v r /\
               length (mem r) = n * kbase + sz.
Proof.
  induction n; intros sz H F v Lv.
  - exists [], v. simpl. repeat split; auto. tauto.
  - assert (F1 : kbase + sz <= mx) by (rewrite Nat.mul_succ_l in F; lia).
    set (c := scfg mx sz H F1).
    assert (R : runs A c v (load A c v (boot sz (regs v)))) by (apply load_runs; [apply boot_minv|exact Lv]).
    set (m := load A c v (boot sz (regs v))) in *.
    assert (Lm : length (mem m) = kbase + sz) by (destruct R as ((L & _) & _); exact L).
    destruct (IHn (kbase + sz) ltac:(lia) ltac:(rewrite Nat.mul_succ_l in F; lia) m Lm) as (cs & r & Lc & Sc & T & Lr).
    exists (cs ++ [c]), r. split; [rewrite app_length; simpl; lia|]. split; [|split].
    + intros d I. apply in_app_or in I. destruct I as [I|[<-|[]]]; auto. exists sz, H, F1. reflexivity.
    + eapply tower_snoc; eauto.
    + rewrite Lr, Nat.mul_succ_l. lia.
Qed.

Theorem recursive_virtualization : forall n sz, 2 <= sz -> n * kbase + sz <= mx ->
  forall v : stateA A, length (mem v) = sz ->
  exists cs r, length cs = n /\ (forall c, In c cs -> is_soft c) /\ tower A cs v r /\
    forall k, exists j, j >= k /\ tower A cs (iter A k (step A) v) (iter A j (step A) r).
Proof.
  intros n sz H F v Lv. destruct (tower_exists n sz H F v Lv) as (cs & r & Lc & Sc & T & _).
  exists cs, r. repeat split; auto. intro k.
  apply theorem2_run; auto.
  - exact (SM_virtualizable mx).
  - intros c I. destruct (Sc c I) as (s & H' & F' & ->). apply soft_correct.
Qed.
End Tower.

(** resource control on the bare machine, at every instant, the 56 instructions included *)
Theorem soft_always : forall mx sz H F v r, runs (SM mx) (scfg mx sz H F) v r ->
  forall t, resources_kept (SM mx) (scfg mx sz H F) r (iter (SM mx) t (step (SM mx)) r).
Proof.
  intros. eapply theorem1_program_always; eauto; [exact (SM_virtualizable mx)|apply soft_correct].
Qed.
