(** The virtual machine map f: section 5 of the paper.

    The control program is resident in low storage; the virtual machine's storage is a block of the
    real one.  Under f the real M is user, P is the virtual one, and R is composed by the allocator,
    the bound clipped to the block; the virtual M and R are kept in a shadow, without which f would
    not be one-one; the devices are given to the virtual machine. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification.

(** Where the monitor puts things in a real machine with q words. *)
Record cfg (A : arch) := {
  q : nat;                    (* size of the real machine *)
  base : nat; size : nat;     (* the virtual machine's storage: [base, base+size) *)
  da : nat; dn : nat;         (* the control program's data: [da, da+dn) *)
  sh : nat;                   (* in it, the shadow of the virtual PSW: [sh, sh+K) *)
  cb : nat; image : list (W A);  (* the control program's text *)
  entry : psw (PC A) (RR A);  (* PSW that the trap mechanism loads *)
  ok_da : 2 * K A <= da; ok_da2 : da + dn <= base;
  ok_sh : da <= sh; ok_sh2 : sh + K A <= da + dn;
  ok_cb : 2 * K A <= cb; ok_cb2 : cb + length image <= base;
  ok_disj : da + dn <= cb \/ cb + length image <= da;
  ok_fit : base + size <= q; ok_q : (N.of_nat q <= maxmem A)%N;
  ok_size : 2 * K A <= size;
  ok_entry : pm entry = Sup
}.

Section VMM.
Context (A : arch) (c : cfg A).
Notation K := (K A).
Notation q := (q A c). Notation base := (base A c). Notation size := (size A c).
Notation sh := (sh A c). Notation da := (da A c). Notation dn := (dn A c). Notation cb := (cb A c). Notation image := (image A c).
Notation entry := (entry A c).
Notation state := (stateA A).
Notation step := (step A).

Ltac cfgfacts :=
  pose proof (ok_da A c); pose proof (ok_da2 A c);
  pose proof (ok_sh A c); pose proof (ok_sh2 A c); pose proof (ok_cb A c);
  pose proof (ok_cb2 A c); pose proof (ok_disj A c); pose proof (ok_fit A c);
  pose proof (ok_q A c); pose proof (ok_size A c).

(** allocator: the real R that gives exactly the virtual window *)
Definition comp (r : RR A) : RR A :=
  if rl A r <? size then mkR A (base + rl A r) (min (rb A r) (size - rl A r))
  else mkR A base 0.

(** storage facts the monitor relies on and keeps *)
Definition minv (r : state) : Prop :=
  length (mem r) = q /\ dec A (slice K K (mem r)) = entry /\
  slice cb (length image) (mem r) = image.

Definition shadow (r : state) := dec A (slice sh K (mem r)).

(** the virtual machine that a real state stands for, given the guest's P *)
Definition vabs (r : state) (p : PC A) : state :=
  mkst (slice base size (mem r)) (regs r) (dev r) (mkpsw (pm (shadow r)) p (pr (shadow r))).

(** f as a relation: [runs v r] : r is the real machine running v directly, in user mode.
    [E'[0]] and the P in the shadow are don't-cares. *)
Definition runs (v r : state) : Prop :=
  minv r /\ pm (st r) = Usr /\ pr (st r) = comp (pr (st v)) /\ vabs r (pp (st r)) = v.

(** the real machine has just trapped to the monitor while running v *)
Definition old_pc (r : state) : PC A := old A (slice 0 K (mem r)).
Definition trapped (v r : state) : Prop :=
  minv r /\ st r = entry /\ vabs r (old_pc r) = v.

(** f is one-one: the real state determines the virtual one *)
Lemma runs_inj : forall v v' r, runs v r -> runs v' r -> v = v'.
Proof. unfold runs; intuition congruence. Qed.
Lemma trapped_inj : forall v v' r, trapped v r -> trapped v' r -> v = v'.
Proof. unfold trapped; intuition congruence. Qed.

Lemma runs_len : forall v r, runs v r -> length (mem v) = size.
Proof.
  intros v r (( L & _ & _) & _ & _ & <-). simpl. rewrite slice_length. cfgfacts; lia.
Qed.

(** everything outside VM storage, the old-PSW slot and the monitor's data stays put *)
Definition resources_kept (r r' : state) : Prop :=
  length (mem r') = length (mem r) /\
  forall o n, K <= o -> (o + n <= da \/ da + dn <= o) -> (o + n <= base \/ base + size <= o) ->
    slice o n (mem r') = slice o n (mem r).

Lemma resources_kept_trans : forall a b d,
  resources_kept a b -> resources_kept b d -> resources_kept a d.
Proof.
  unfold resources_kept; intros a b d (H1&H2) (H3&H4); split; [congruence|].
  intros. rewrite H4 by auto. apply H2; auto.
Qed.

Lemma minv_kept : forall r r', minv r -> resources_kept r r' -> minv r'.
Proof.
  unfold minv, resources_kept; intros r r' (L & E & I) (L' & F). cfgfacts.
  rewrite L'. split; auto. rewrite F by lia. split; auto. rewrite F by lia. auto.
Qed.

(* ------------------------------------------------------------------ windows agree *)

(** R composed gives the virtual machine's window, wherever its block lies. *)
Lemma window_region : forall v r : state, length (mem r) = q -> pr (st r) = comp (pr (st v)) ->
  mem v = slice base size (mem r) -> window A r = window A v.
Proof.
  intros v r L HR HM. rewrite !window_slice, HR. unfold comp. cfgfacts.
  destruct (Nat.ltb_spec (rl A (pr (st v))) size).
  - rewrite mkR_l, mkR_b by lia. rewrite HM, slice_slice. reflexivity.
  - rewrite mkR_l, mkR_b by lia. rewrite HM, slice_slice.
    replace (min (rb A (pr (st v))) (size - rl A (pr (st v)))) with 0 by lia.
    apply nth_ext_err; intro j. rewrite !nth_slice. destruct (Nat.ltb_spec j 0); [lia|reflexivity].
Qed.

Lemma window_comp : forall v r, runs v r -> window A r = window A v.
Proof.
  intros v r ((L & _ & _) & _ & HR & HV). apply window_region; auto. rewrite <- HV. reflexivity.
Qed.

Lemma runs_view : forall v r, runs v r -> same_view A v r.
Proof.
  intros v r R. split; [symmetry; apply window_comp; auto|].
  destruct R as (_ & _ & _ & <-). simpl; auto.
Qed.

(* ------------------------------------------------------------------ real trap *)

Lemma do_trap_kept : forall k r, length (mem r) = q -> resources_kept r (do_trap A k r).
Proof.
  intros k r L. cfgfacts. unfold resources_kept; simpl.
  rewrite overlay_length by (rewrite enc_len; lia). split; auto.
  intros. rewrite slice_overlay_disj; rewrite ?enc_len; auto; lia.
Qed.

Lemma trap_trapped : forall v r k, runs v r -> trapped v (do_trap A k r).
Proof.
  intros v r k (I & U & HR & HV). pose proof I as (L & E & M). cfgfacts.
  split; [eapply minv_kept; [eassumption|apply do_trap_kept; auto]|]. split; [exact E|].
  rewrite <- HV. unfold vabs, old_pc, shadow; simpl.
  assert (Q : slice 0 K (overlay 0 (enc A k (st r)) (mem r)) = enc A k (st r))
    by (apply slice_overlay_same; rewrite ?enc_len; lia).
  rewrite Q, old_enc.
  rewrite !slice_overlay_disj by (rewrite enc_len; lia). reflexivity.
Qed.

(* ------------------------------------------------------------------ direct execution *)

(** The real block that R describes lies inside the virtual machine's. *)
Lemma comp_inside : forall x : RR A, base <= rl A (comp x) /\ rl A (comp x) + rb A (comp x) <= base + size.
Proof.
  intro x. cfgfacts. unfold comp.
  destruct (Nat.ltb_spec (rl A x) size); rewrite mkR_l, mkR_b by lia; lia.
Qed.

(** Two steps that show the same, and stay inside, keep the virtual machine's storage its image. *)
Lemma region_step : forall v v' r r' : state,
  length (mem r) = q -> length (mem v') = length (mem v) -> length (mem r') = length (mem r) ->
  pr (st r) = comp (pr (st v)) -> mem v = slice base size (mem r) ->
  window A v' = window A r' -> pr (st v') = pr (st v) -> pr (st r') = pr (st r) ->
  outside_same A v v' -> outside_same A r r' -> slice base size (mem r') = mem v'.
Proof.
  intros v v' r r' L Lv' Lr' HR HM Vw Cr Dr Co Do. cfgfacts.
  assert (Lv : length (mem v) = size) by (rewrite HM, slice_length; lia).
  pose proof (comp_inside (pr (st v))) as B. unfold outside_same in Co, Do. rewrite HR in Do.
  (* inside the window: same view; outside: neither changed *)
  destruct Co as (C1 & C2). destruct Do as (D1 & D2).
  rewrite !window_slice, Cr, Dr, HR in Vw.
  set (l := rl A (pr (st v))) in *. set (b := rb A (pr (st v))) in *.
  unfold comp in Vw, D1, D2, B. fold l b in Vw, D1, D2, B.
  destruct (Nat.ltb_spec l size) as [Hl|Hl].
  - rewrite mkR_l in Vw, D1, D2 by lia. rewrite mkR_b in Vw, D2 by lia.
    set (m := min b (size - l)) in *.
    apply (slice_split_eq l m).
    + rewrite slice_length; lia.
    + rewrite C1, HM. 
      apply nth_ext_err; intro j. rewrite !nth_error_firstn', !nth_slice.
      destruct (Nat.ltb_spec j l); [|reflexivity]. destruct (Nat.ltb_spec j size); [|reflexivity].
      assert (N := f_equal (fun z => nth_error z (base + j)) D1). simpl in N.
      rewrite !nth_error_firstn' in N. destruct (Nat.ltb_spec (base + j) (base + l)); [auto|lia].
    + rewrite slice_slice. replace (min m (size - l)) with m by lia.
      rewrite <- Vw. apply nth_ext_err; intro j. rewrite !nth_slice.
      destruct (Nat.ltb_spec j b), (Nat.ltb_spec j m); auto; try lia.
      apply nth_none. lia.
    + assert (C2' : skipn (l + m) (mem v') = skipn (l + m) (mem v)).
      { destruct (Nat.le_gt_cases b (size - l)).
        - replace m with b by lia. exact C2.
        - rewrite !skipn_all2; auto; lia. }
      rewrite C2', HM. apply nth_ext_err; intro j. rewrite !nth_error_skipn', !nth_slice.
      destruct (Nat.ltb_spec (l + m + j) size); auto.
      assert (N := f_equal (fun z => nth_error z j) D2). simpl in N. rewrite !nth_error_skipn' in N.
      replace (base + (l + m + j)) with (base + l + m + j) by lia. auto.
  - rewrite mkR_l in Vw, D1, D2 by lia. rewrite mkR_b in Vw, D2 by lia.
    transitivity (mem v).
    + rewrite HM. apply nth_ext_err; intro j. rewrite !nth_slice.
      destruct (Nat.ltb_spec j size); auto.
      assert (N := f_equal (fun z => nth_error z j) D2). simpl in N. rewrite !nth_error_skipn' in N.
      replace (base + 0 + j) with (base + j) in N by lia. auto.
    + rewrite !firstn_all2 in C1 by lia. auto.
Qed.

(** What an instruction must satisfy, at virtual state v, to be run directly. *)
Lemma direct : forall v v' r r' i,
  runs v r -> exec A i v = Next v' -> exec A i r = Next r' -> same_view A v' r' ->
  pr (st v') = pr (st v) -> pm (st v') = pm (st v) -> dev v' = dev v -> outside_same A v v' ->
  pr (st r') = pr (st r) -> pm (st r') = Usr -> dev r' = dev r -> outside_same A r r' ->
  runs v' r' /\ resources_kept r r'.
Proof.
  intros v v' r r' i R Ev Er (Vw & Vp & Vg) Cr Cm Cd Co Dr Dm Dd Do.
  pose proof (runs_len _ _ R) as Lv. pose proof (window_comp _ _ R) as WC.
  pose proof (exec_len _ _ _ _ Ev) as Lv'. pose proof (exec_len _ _ _ _ Er) as Lr'.
  destruct R as (I & U & HR & HV). pose proof I as (L & _ & _). cfgfacts.
  unfold outside_same in Co, Do. rewrite HR in Do.
  pose proof (comp_inside (pr (st v))) as B.
  assert (KEEP : resources_kept r r').
  { split; [lia|]. intros. destruct Do as (D1 & D2).
    eapply slice_outside; [exact D1|exact D2|lia]. }
  split; [|exact KEEP]. pose proof KEEP as (KL & KF).
  split; [eapply minv_kept; eauto|]. split; [exact Dm|]. split; [congruence|].
  assert (SH : shadow r' = shadow r).
  { unfold shadow. f_equal. destruct Do as (D1 & D2). 
    eapply slice_outside; [exact D1|exact D2|lia]. }
  (* the abstract state *)
  unfold vabs. rewrite SH.
  assert (HS : pm (shadow r) = pm (st v) /\ pr (shadow r) = pr (st v))
    by (rewrite <- HV; auto). destruct HS as (HS1 & HS2).
  assert (HD : dev r = dev v) by (rewrite <- HV; auto).
  rewrite HS1, HS2, <- Cm, <- Cr, <- Vp, <- Vg, Dd, HD, <- Cd.
  assert (HM : mem v = slice base size (mem r)) by (rewrite <- HV; reflexivity).
  assert (MM : slice base size (mem r') = mem v')
    by (eapply (region_step v v' r r'); eauto; unfold outside_same; rewrite HR; exact Do).
  rewrite MM. destruct v' as [m' g' d' [pm' pp' pr']]; simpl in *. reflexivity.
Qed.

End VMM.

Arguments runs_inj {A c}.
Arguments trapped_inj {A c}.
Arguments runs_len {A c}.
Arguments resources_kept_trans {A c}.
Arguments minv_kept {A c}.
Arguments window_comp {A c}.
Arguments window_region {A c}.
Arguments region_step {A c}.
Arguments comp_inside {A c}.
Arguments runs_view {A c}.
Arguments do_trap_kept {A c}.
Arguments trap_trapped {A c}.
Arguments direct {A c}.
