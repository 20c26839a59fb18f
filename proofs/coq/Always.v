(** Resource control at every instant of the hosted machine, not only when the virtual machine is in
    step; and so the isolation of everything else that is in storage. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification VMMap Monitor Theorem1.

Section Always.
Context (A : arch) (c : cfg A).
Hypothesis condition : virtualizable A.
Variable mon : stateA A -> stateA A.
Hypothesis mon_ok : correct_monitor A c mon.

(** the guest runs, in user mode, with R inside its storage; or the hardware has just handed a guest's
    trap to the control program, at its entry *)
Definition in_guest (v s : stateA A) : Prop := runs A c v s.
Definition in_monitor (v s : stateA A) : Prop :=
  trapped A c v s /\ exists r k, runs A c v r /\ result A r = Trap k /\ s = do_trap A k r.

Theorem always : forall v r, runs A c v r -> forall n, exists k,
  let s := iter A n (hosted A mon) r in
  k <= n /\ (in_guest (iter A k (step A) v) s \/ in_monitor (iter A k (step A) v) s) /\
  resources_kept A c r s.
Proof.
  intros v r R n. induction n as [|n IH].
  - exists 0. simpl. split; [lia|]. split; [left; exact R|]. split; auto.
  - destruct IH as (k & Hk & D & RK). replace (S n) with (n + 1) by lia. cbv zeta. rewrite iter_add.
    set (s := iter A n (hosted A mon) r) in *. simpl.
    destruct D as [G|(T & r0 & j & R0 & E0 & ES)].
    + assert (U : pm (st s) = Usr) by (destruct G as (_ & U & _); exact U).
      assert (HS : hosted A mon s = step A s) by (unfold hosted; rewrite U; reflexivity). rewrite HS.
      destruct (one_step A c condition mon mon_ok _ s G) as
        [(i & r' & _ & _ & _ & S & R' & K')|(T & _ & _ & (j & Ej))].
      * exists (k + 1). split; [lia|]. rewrite S. split.
        -- left. rewrite iter_add. exact R'.
        -- eapply resources_kept_trans; eauto.
      * exists k. split; [lia|].
        assert (SS : step A s = do_trap A j s) by (unfold step; rewrite Ej; reflexivity).
        split.
        -- right. split; [exact T|]. exists s, j. auto.
        -- eapply resources_kept_trans; [exact RK|]. rewrite SS. apply do_trap_kept.
           destruct G as ((L & _) & _); exact L.
    + assert (P : pm (st s) = Sup).
      { destruct T as (_ & E & _). rewrite E. apply ok_entry. }
      assert (HS : hosted A mon s = mon s) by (unfold hosted; rewrite P; reflexivity). rewrite HS.
      destruct (mon_ok _ _ _ R0 E0) as (M1 & M2). rewrite <- ES in M1, M2.
      exists (k + 1). split; [lia|]. split.
      * left. rewrite iter_add. exact M1.
      * eapply resources_kept_trans; eauto.
Qed.

(** a block disjoint from this VM's storage and this monitor's data (say, another VM's) never changes *)
Corollary isolation : forall v r, runs A c v r -> forall o n, K A <= o ->
  (o + n <= da A c \/ da A c + dn A c <= o) -> (o + n <= base A c \/ base A c + size A c <= o) ->
  forall t, slice o n (mem (iter A t (hosted A mon) r)) = slice o n (mem r).
Proof.
  intros v r R o n H1 H2 H3 t. destruct (always v r R t) as (k & _ & _ & (_ & F)). apply F; auto.
Qed.
End Always.
