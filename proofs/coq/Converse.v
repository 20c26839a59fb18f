(** The converse of Theorem 1, of every monitor and for ever, under hypotheses.

    That a sensitive instruction is not privileged does not by itself rule out a monitor: it may be
    sensitive in states that no guest reaches, or in a way that makes no difference.  What rules it out
    is two guests: on the hardware, in user mode, they come without a trap to the same state, the
    program text that told them apart included; on the bare machine they end apart, each in a loop
    that needs no monitor.  A monitor that runs them directly is called too late, and finds nothing by
    which to tell which of them it is. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification VMMap Monitor Theorem1 Exists.

Section Converse.
Context (A : arch) (base size : nat).
Hypothesis room : 3 * K A <= base.
Hypothesis fits : (N.of_nat (base + size) <= maxmem A)%N.
Hypothesis big : 2 * K A <= size.
Notation state := (stateA A).

(** The same state in user mode: what the hardware makes of a virtual machine, but for its place. *)
Definition demoted (v : state) : state :=
  mkst (mem v) (regs v) (dev v) (mkpsw Usr (pp (st v)) (pr (st v))).

(** n instructions, none of which traps. *)
Fixpoint untrapped (n : nat) (u : state) : option state :=
  match n with
  | 0 => Some u
  | S n => match result A u with Next u' => untrapped n u' | Trap _ => None end
  end.

(** A guest that has come to a loop, which the hardware runs by itself. *)
Definition loops (x : state) : Prop := step A x = x /\ result A (demoted x) = Next (demoted x).

Hypothesis condition : hybrid_virtualizable A.

Definition imaged (p : list (W A)) (v : state) : state :=
  mkst (p ++ mem v) (regs v) (dev v) (mkpsw Usr (pp (st v)) (compose A base size (pr (st v)))).

Lemma slice_behind : forall (p m : list (W A)), length p = base -> length m = size ->
  slice base size (p ++ m) = m.
Proof.
  intros p m Lp Lm. unfold slice. rewrite skipn_app, skipn_all2 by lia.
  replace (base - length p) with 0 by lia. simpl. apply firstn_all2. lia.
Qed.

Lemma imaged_result : forall p u u', length p = base -> length (mem u) = size -> pm (st u) = Usr ->
  result A u = Next u' ->
  result A (imaged p u) = Next (imaged p u') /\ pm (st u') = Usr /\ length (mem u') = size.
Proof.
  intros p u u' Lp Lm U E. set (r := imaged p u).
  set (c := ecfg A base size room fits big (pp (st u))).
  assert (L : length (mem r) = base + size) by (simpl; rewrite app_length; lia).
  assert (MV : mem u = slice base size (mem r)) by (symmetry; apply slice_behind; assumption).
  assert (V : same_view A u r).
  { split; [|split; reflexivity]. symmetry. apply (window_region (c := c)); auto. }
  unfold result in E. destruct (fetch A u) as [i|] eqn:F; [|discriminate].
  assert (FR : fetch A r = Some i) by (rewrite <- (fetch_view A u r V); exact F).
  assert (NS : ~ user_sensitive A i).
  { intro S. apply condition in S. destruct S as (T & _). destruct (T u U) as (k & Ek). congruence. }
  pose proof (not_user_sensitive_view A i NS u r U eq_refl V) as O. rewrite E in O.
  destruct (exec A i r) as [r'|] eqn:Er; [|destruct O]. destruct O as (Vw & Vp & Vg).
  destruct (not_user_sensitive_control A i NS _ _ U E) as (a1 & a2 & a3 & a4).
  destruct (not_user_sensitive_control A i NS r r' eq_refl Er) as (b1 & b2 & b3 & b4).
  pose proof (exec_len _ _ _ _ E) as Lu. pose proof (exec_len _ _ _ _ Er) as Lr.
  split; [|split; [exact a2|congruence]].
  unfold result. rewrite FR, Er. f_equal.
  assert (MM : slice base size (mem r') = mem u').
  { apply (region_step (c := c) u u' r r'); auto. }
  assert (PP : firstn base (mem r') = p).
  { transitivity (firstn base (mem r)).
    - destruct b4 as (O1 & _). pose proof (comp_inside (c := c) (pr (st u))) as (B & _).
      change (base <= rl A (pr (st r))) in B.
      apply (f_equal (firstn base)) in O1. rewrite !firstn_firstn in O1.
      replace (min base (rl A (pr (st r)))) with base in O1 by lia. exact O1.
    - simpl. rewrite firstn_app, firstn_all2 by lia.
      replace (base - length p) with 0 by lia. simpl. apply app_nil_r. }
  assert (ME : mem r' = p ++ mem u').
  { rewrite <- (firstn_skipn base (mem r')), PP, <- MM. f_equal. unfold slice.
    symmetry. apply firstn_all2. rewrite skipn_length. lia. }
  unfold imaged. rewrite <- ME, <- Vp, <- Vg || rewrite <- ME. rewrite a1, a3.
  destruct r' as [m g d [a b e]]. simpl in *. subst. reflexivity.
Qed.

Section Monitor.
Variable mon : state -> state.
Notation h := (hosted A mon).

Lemma imaged_run : forall p n u w, length p = base -> length (mem u) = size -> pm (st u) = Usr ->
  untrapped n u = Some w -> iter A n h (imaged p u) = imaged p w.
Proof.
  intros p n. induction n as [|n IH]; intros u w Lp Lm U E; simpl in E.
  - injection E as <-. reflexivity.
  - destruct (result A u) as [u'|] eqn:R; [|discriminate].
    destruct (imaged_result p u u' Lp Lm U R) as (RR & U' & L').
    simpl. assert (S : h (imaged p u) = imaged p u') by (unfold hosted, step; simpl; rewrite RR; reflexivity).
    rewrite S. apply IH; auto.
Qed.
Lemma imaged_loop : forall p x, length p = base -> length (mem x) = size -> loops x ->
  forall n, iter A n h (imaged p x) = imaged p x.
Proof.
  intros p x Lp Lm (_ & R) n. induction n as [|n IH]; [reflexivity|]. simpl.
  assert (S : h (imaged p x) = imaged p x).
  { unfold hosted, step. change (imaged p x) with (imaged p (demoted x)). cbn [st imaged pm].
    rewrite (proj1 (imaged_result p (demoted x) (demoted x) Lp Lm eq_refl R)). reflexivity. }
  rewrite S. exact IH.
Qed.
Lemma iter_loop : forall x, step A x = x -> forall n, iter A n (step A) x = x.
Proof. intros x S n. induction n as [|n IH]; simpl; [reflexivity|]. rewrite S. exact IH. Qed.
Lemma iter_size : forall n (v : state), length (mem v) = size ->
  length (mem (iter A n (step A) v)) = size.
Proof. induction n; intros v L; simpl; [exact L|]. apply IHn. rewrite step_len; lia. Qed.
End Monitor.

Theorem no_monitor : forall va vb na nb w ka kb xa xb,
  length (mem va) = size -> length (mem vb) = size ->
  pm (st va) = pm (st vb) -> pr (st va) = pr (st vb) ->
  untrapped na (demoted va) = Some w -> untrapped nb (demoted vb) = Some w ->
  iter A ka (step A) va = xa -> loops xa -> iter A kb (step A) vb = xb -> loops xb ->
  pp (st xa) <> pp (st xb) ->
  ~ vmm_exists A base size.
Proof.
  intros va vb na nb w ka kb xa xb La Lb EM ER Ua Ub Ea Xa Eb Xb D (mon & P & L & H).
  destruct (L (pm (st va)) (pr (st va))) as (p & Lp & Pp).
  assert (T : forall k v r, length (mem v) = size -> vm_map A base size P v r ->
    exists n, n >= k /\ vm_map A base size P (iter A k (step A) v) (iter A n (hosted A mon) r)).
  { induction k; intros v r Lv M; [exists 0; split; [lia|exact M]|].
    destruct (H v r Lv M) as (n1 & N1 & M1).
    destruct (IHk (step A v) _ (iter_size 1 v Lv) M1) as (n2 & N2 & M2).
    exists (n1 + n2). rewrite iter_add. split; [lia|exact M2]. }
  (* wherever the real machine ends, it is the image of the loop *)
  assert (Z : forall v n k x, length (mem v) = size -> P (pm (st v)) (pr (st v)) p ->
    untrapped n (demoted v) = Some w -> iter A k (step A) v = x -> loops x ->
    exists t p', length p' = base /\ iter A t (hosted A mon) (imaged p w) = imaged p' x).
  { intros v n k x Lv Pv U E X.
    destruct (T (k + n) v (imaged p v) Lv) as (m & Hm & (p' & Lp' & _ & M)).
    { exists p. auto. }
    rewrite iter_add, E, (iter_loop x (proj1 X)) in M.
    exists (m - n), p'. split; [exact Lp'|]. 
    rewrite <- (imaged_run mon p n (demoted v) w Lp Lv eq_refl U), <- iter_add.
    replace (n + (m - n)) with m by lia. exact M. }
  destruct (Z va na ka xa La Pp Ua Ea Xa) as (ta & pa & Lpa & Ia).
  rewrite EM, ER in Pp.
  destruct (Z vb nb kb xb Lb Pp Ub Eb Xb) as (tb & pb & Lpb & Ib).
  assert (Lxa : length (mem xa) = size) by (subst xa; apply iter_size; exact La).
  assert (Lxb : length (mem xb) = size) by (subst xb; apply iter_size; exact Lb).
  assert (Q : imaged pa xa = imaged pb xb).
  { rewrite <- (imaged_loop mon pa xa Lpa Lxa Xa tb), <- Ia, <- iter_add.
    rewrite <- (imaged_loop mon pb xb Lpb Lxb Xb ta), <- Ib, <- iter_add. f_equal. lia. }
  apply D. apply (f_equal (fun s => pp (st s))) in Q. exact Q.
Qed.
End Converse.
