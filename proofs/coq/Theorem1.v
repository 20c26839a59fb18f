(** Theorem 1 *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification VMMap Monitor.

Section VMM.
Context (A : arch) (c : cfg A).
Notation K := (K A).
Notation q := (q A c). Notation base := (base A c). Notation size := (size A c).
Notation sh := (sh A c). Notation da := (da A c). Notation dn := (dn A c). Notation cb := (cb A c). Notation image := (image A c).
Notation entry := (entry A c).
Notation state := (stateA A).
Notation step := (step A).

Notation comp := (comp A c).
Notation minv := (minv A c).
Notation shadow := (shadow A c).
Notation vabs := (vabs A c).
Notation runs := (runs A c).
Notation old_pc := (old_pc A).
Notation trapped := (trapped A c).
Notation resources_kept := (resources_kept A c).
Notation emulates := (emulates A c).
Notation unload := (unload A c).
Notation load := (load A c).
Notation monitor := (monitor A c).
Notation correct_monitor := (correct_monitor A c).
Notation hosted := (hosted A).

Ltac cfgfacts :=
  pose proof (ok_da A c); pose proof (ok_da2 A c);
  pose proof (ok_sh A c); pose proof (ok_sh2 A c); pose proof (ok_cb A c);
  pose proof (ok_cb2 A c); pose proof (ok_disj A c); pose proof (ok_fit A c);
  pose proof (ok_q A c); pose proof (ok_size A c).

(* ------------------------------------------------------------------ Theorem 1 *)

Section Theorem1.
Hypothesis condition : virtualizable A.

(** one virtual step = one real step (direct), or a trap and one activation of the monitor *)
Lemma one_step : forall mon, correct_monitor mon -> forall v r, runs v r ->
  (exists i r', fetch A r = Some i /\ exec A i r = Next r' /\ innocuous A i /\
                step r = r' /\ runs (step v) r' /\ resources_kept r r') \/
  (trapped v (step r) /\ runs (step v) (mon (step r)) /\ resources_kept r (mon (step r)) /\
   exists k, result A r = Trap k).
Proof.
  intros mon MC v r R.
  destruct (result A r) as [r'|k] eqn:Er.
  - left. unfold result in Er. destruct (fetch A r) as [i|] eqn:F; [|discriminate].
    assert (INN : innocuous A i).
    { intro S. apply condition in S. destruct S as (T & _).
      destruct R as (_ & U & _). destruct (T r U) as (k & Ek). congruence. }
    exists i, r'. split; auto. split; auto. split; auto.
    split; [unfold Machine.step, result; rewrite F, Er; reflexivity|].
    pose proof (innocuous_view A i INN v r (runs_view _ _ R)) as O. rewrite Er in O.
    destruct (exec A i v) as [v'|] eqn:Ev; [|destruct O].
    assert (S : step v = v').
    { unfold Machine.step, result. rewrite (fetch_view A v r (runs_view _ _ R)), F, Ev. reflexivity. }
    rewrite S.
    destruct (innocuous_control A i INN _ _ Ev) as (a1 & a2 & a3 & a4).
    destruct (innocuous_control A i INN _ _ Er) as (b1 & b2 & b3 & b4).
    eapply direct; eauto. destruct R as (_ & U & _). congruence.
  - right. assert (S : step r = do_trap A k r) by (unfold Machine.step; rewrite Er; reflexivity).
    rewrite S. pose proof (trap_trapped v r k R) as T. split; auto.
    destruct (MC _ _ _ R Er) as (M1 & M2). split; auto. split; [|eauto].
    eapply resources_kept_trans; [|exact M2]. apply do_trap_kept. destruct R as ((L & _) & _); auto.
Qed.

Theorem theorem1 : forall mon, correct_monitor mon -> forall v r, runs v r ->
  exists n, (n = 1 \/ n = 2) /\
    runs (step v) (iter A n (hosted mon) r) /\
    resources_kept r (iter A n (hosted mon) r).
Proof.
  intros mon MC v r R. pose proof R as (_ & U & _).
  destruct (one_step mon MC v r R) as [(i & r' & F & E & I & S & R' & RK)|(T & R' & RK & _)].
  - exists 1. split; auto. simpl. unfold hosted. rewrite U, S. auto.
  - exists 2. split; auto. simpl. unfold hosted at 2 4. rewrite U.
    unfold hosted. destruct T as (_ & ES & _). rewrite ES, (ok_entry A c). auto.
Qed.

(** equivalence for whole runs *)
Theorem theorem1_run : forall mon, correct_monitor mon -> forall k v r, runs v r ->
  exists n, k <= n <= 2 * k /\
    runs (iter A k step v) (iter A n (hosted mon) r) /\
    resources_kept r (iter A n (hosted mon) r).
Proof.
  intros mon MC; induction k; intros v r R.
  - exists 0. simpl. split; [lia|]. split; auto. unfold resources_kept; auto.
  - destruct (theorem1 mon MC v r R) as (n1 & Hn & R1 & K1).
    destruct (IHk _ _ R1) as (n2 & Hn2 & R2 & K2).
    exists (n1 + n2). rewrite iter_add. split; [lia|]. split; auto.
    eapply resources_kept_trans; eauto.
Qed.

(** efficiency: a virtual step of an innocuous instruction that does not trap is one real step of
    the hardware, in user mode, with no activation of the monitor *)
Theorem theorem1_efficiency : forall v r i v', runs v r ->
  fetch A v = Some i -> innocuous A i -> exec A i v = Next v' ->
  runs v' (step r) /\ exec A i r = Next (step r) /\ pm (st (step r)) = Usr.
Proof.
  intros v r i v' R F INN Ev. pose proof (runs_view _ _ R) as V.
  pose proof (innocuous_view A i INN v r V) as O. rewrite Ev in O.
  destruct (exec A i r) as [r'|] eqn:Er; [|destruct O].
  assert (S : step r = r').
  { unfold Machine.step, result. rewrite <- (fetch_view A v r V), F, Er. reflexivity. }
  rewrite S.
  destruct (innocuous_control A i INN _ _ Ev) as (a1 & a2 & a3 & a4).
  destruct (innocuous_control A i INN _ _ Er) as (b1 & b2 & b3 & b4).
  assert (U : pm (st r') = Usr) by (destruct R as (_ & U & _); congruence).
  split; [|auto]. eapply direct; eauto.
Qed.

(** resource control, in the guest's own steps: user mode, R inside VM storage, and whatever the
    guest does directly changes VM storage only *)
Theorem theorem1_confined : forall v r, runs v r ->
  pm (st r) = Usr /\
  base <= rl A (pr (st r)) /\ rl A (pr (st r)) + rb A (pr (st r)) <= base + size.
Proof.
  intros v r (( L & _) & U & HR & _). split; auto. rewrite HR. cfgfacts. unfold comp.
  destruct (Nat.ltb_spec (rl A (pr (st v))) size); rewrite mkR_l, mkR_b by lia; lia.
Qed.

(** Theorem 1: a VMM may be constructed. *)
Theorem theorem1_exists : exists mon, correct_monitor mon /\
  (forall v m0, length (mem v) = size -> length m0 = q ->
     dec A (slice K K m0) = entry -> slice cb (length image) m0 = image ->
     exists r0, runs v r0 /\
       forall k, exists n, k <= n <= 2 * k /\
          runs (iter A k step v) (iter A n (hosted mon) r0) /\
          resources_kept r0 (iter A n (hosted mon) r0)).
Proof.
  exists monitor. split; [exact monitor_correct|].
  intros v m0 Lv L0 E0 I0.
  assert (RV : runs v (load v (mkst m0 (regs v) (dev v) (st v)))) by (apply load_runs; [split; auto|auto]).
  eexists. split; [exact RV|]. intro k. apply theorem1_run; auto. exact monitor_correct.
Qed.

End Theorem1.

End VMM.
