(** Theorem 3 *)
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

(* ------------------------------------------------------------------ Theorem 3 *)

Section Theorem3.
Hypothesis condition : hybrid_virtualizable A.

(** hybrid map: virtual user mode runs directly; in virtual supervisor mode the real machine stays
    in the monitor, which interprets every instruction *)
Definition hruns (v r : state) : Prop :=
  match pm (st v) with Usr => runs v r | Sup => trapped v r end.

Lemma hruns_inj : forall v v' r, hruns v r -> hruns v' r -> v = v'.
Proof.
  unfold hruns; intros v v' r H H'.
  assert (X : runs v r -> trapped v' r -> v = v').
  { intros (_ & U & _) (_ & E & _). rewrite E, (ok_entry A c) in U. discriminate. }
  assert (Y : trapped v r -> runs v' r -> v = v').
  { intros (_ & E & _) (_ & U & _). rewrite E, (ok_entry A c) in U. discriminate. }
  destruct (pm (st v)), (pm (st v')); eauto using runs_inj, trapped_inj.
Qed.

Definition hemulates (v r r' : state) : Prop := hruns (step v) r' /\ resources_kept r r'.
Definition correct_hmonitor (mon : state -> state) : Prop :=
  forall v r, trapped v r -> hemulates v r (mon r).

(** the monitor's interpreter loop: put the virtual machine back, resume or stay *)
Definition park (v r : state) : state :=
  mkst (overlay 0 (enc A (fetch_fault A (pp (st v))) (st v)) (mem (load v r))) (regs v) (dev v) entry.
Definition hmonitor (r : state) : state :=
  let v' := step (unload r) in
  match pm (st v') with Usr => load v' r | Sup => park v' r end.

Lemma park_trapped : forall v r, minv r -> length (mem v) = size -> trapped v (park v r) /\
  resources_kept r (park v r).
Proof.
  intros v r I Lv. pose proof (load_runs v r I Lv) as LR. pose proof I as (L & _). cfgfacts.
  pose proof (load_kept v r L Lv) as LK.
  assert (LL : length (mem (load v r)) = q) by (destruct LR as ((X & _) & _); auto).
  assert (KK : resources_kept r (park v r)).
  { eapply resources_kept_trans; [exact LK|]. unfold resources_kept, park; cbn [mem].
    rewrite overlay_length by (rewrite enc_len; lia). split; auto.
    intros. rewrite slice_overlay_disj; rewrite ?enc_len; auto; lia. }
  split; [|exact KK]. split; [eapply minv_kept; eauto|]. split; [reflexivity|].
  destruct LR as (_ & _ & _ & V).
  unfold vabs, old_pc, shadow, park. cbn [mem regs st].
  rewrite (slice_overlay_same 0 K) by (rewrite ?enc_len; lia). rewrite old_enc.
  rewrite !slice_overlay_disj by (rewrite enc_len; lia).
  rewrite <- V at 4. unfold vabs, shadow in V. cbn [load st pp regs] in V. exact V.
Qed.

Lemma hmonitor_emulates : correct_hmonitor hmonitor.
Proof.
  intros v r T. pose proof (trapped_len _ _ T) as Lv. destruct T as (I & E & V).
  unfold hmonitor, unload. rewrite V. pose proof (step_size _ Lv) as L1. pose proof I as (L & _).
  unfold hemulates, hruns. destruct (pm (st (step v))) eqn:M.
  - apply park_trapped; auto.
  - split; [apply load_runs|apply load_kept]; auto.
Qed.

Theorem theorem3 : forall mon, correct_hmonitor mon -> forall v r, hruns v r ->
  exists n, (n = 1 \/ n = 2) /\
    hruns (step v) (iter A n (hosted mon) r) /\
    resources_kept r (iter A n (hosted mon) r).
Proof.
  intros mon MC v r H. unfold hruns in H.
  destruct (pm (st v)) eqn:M.
  { exists 1. split; auto. pose proof H as (_ & E & _). simpl. unfold hosted.
    rewrite E, (ok_entry A c). apply MC; auto. }
  pose proof H as (HI & U & _). pose proof (runs_view _ _ H) as V.
  destruct (result A r) as [r'|k] eqn:Er.
  - exists 1. split; auto. simpl. unfold hosted. rewrite U. unfold Machine.step at 2 3. rewrite Er.
    unfold result in Er. destruct (fetch A r) as [i|] eqn:F; [|discriminate].
    assert (NS : ~ user_sensitive A i).
    { intro S. apply condition in S. destruct S as (T & _).
      destruct (T r U) as (k & Ek). congruence. }
    pose proof (not_user_sensitive_view A i NS v r M U V) as O. rewrite Er in O.
    destruct (exec A i v) as [v'|] eqn:Ev; [|destruct O].
    assert (S : step v = v').
    { unfold Machine.step, result. rewrite (fetch_view A v r V), F, Ev. reflexivity. }
    rewrite S.
    destruct (not_user_sensitive_control A i NS _ _ M Ev) as (a1 & a2 & a3 & a4).
    destruct (not_user_sensitive_control A i NS _ _ U Er) as (b1 & b2 & b3 & b4).
    unfold hruns. rewrite a2. eapply direct; eauto. congruence.
  - exists 2. split; auto. simpl. unfold hosted at 2 4. rewrite U.
    assert (S : step r = do_trap A k r) by (unfold Machine.step; rewrite Er; reflexivity).
    rewrite S. pose proof (trap_trapped v r k H) as T.
    unfold hosted. pose proof T as (_ & ES & _). rewrite ES, (ok_entry A c).
    destruct (MC _ _ T) as (M1 & M2). split; auto.
    eapply resources_kept_trans; [|exact M2]. apply do_trap_kept. destruct HI; auto.
Qed.

Theorem theorem3_run : forall mon, correct_hmonitor mon -> forall k v r, hruns v r ->
  exists n, k <= n <= 2 * k /\
    hruns (iter A k step v) (iter A n (hosted mon) r) /\
    resources_kept r (iter A n (hosted mon) r).
Proof.
  intros mon MC; induction k; intros v r R.
  - exists 0. simpl. split; [lia|]. split; auto. unfold resources_kept; auto.
  - destruct (theorem3 mon MC v r R) as (n1 & Hn & R1 & K1).
    destruct (IHk _ _ R1) as (n2 & Hn2 & R2 & K2).
    exists (n1 + n2). rewrite iter_add. split; [lia|]. split; auto.
    eapply resources_kept_trans; eauto.
Qed.

(** efficiency of the hybrid monitor: in virtual user mode *)
Theorem theorem3_efficiency : forall v r i v', hruns v r -> pm (st v) = Usr ->
  fetch A v = Some i -> ~ user_sensitive A i -> exec A i v = Next v' ->
  hruns v' (step r) /\ exec A i r = Next (step r) /\ pm (st (step r)) = Usr.
Proof.
  intros v r i v' H M F NS Ev. unfold hruns in H. rewrite M in H.
  pose proof (runs_view _ _ H) as V. pose proof H as (_ & U & _).
  pose proof (not_user_sensitive_view A i NS v r M U V) as O. rewrite Ev in O.
  destruct (exec A i r) as [r'|] eqn:Er; [|destruct O].
  assert (S : step r = r').
  { unfold Machine.step, result. rewrite <- (fetch_view A v r V), F, Er. reflexivity. }
  rewrite S.
  destruct (not_user_sensitive_control A i NS _ _ M Ev) as (a1 & a2 & a3 & a4).
  destruct (not_user_sensitive_control A i NS _ _ U Er) as (b1 & b2 & b3 & b4).
  split; [|auto]. unfold hruns. rewrite a2. eapply direct; eauto. congruence.
Qed.

End Theorem3.

End VMM.
