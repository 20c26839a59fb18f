(** The hosted monitor: resident outside the machine's storage, as in vmm/, and the machine with time: an
    interval timer, interrupts, and a processor that waits for them or halts.

    A real trap calls the monitor in place of the store into E[0] and the load of E[1]; what the
    paper's monitor keeps in low storage is its own, and so are the virtual devices.  Instructions run
    directly in bursts, as many as surely raise nothing; then the monitor lets as many units of virtual
    time pass.  So virtual time is exact: what the timer or a device brings comes after the same
    instruction as on the bare machine.

    One theorem serves both monitors: the one of Theorem 1 runs directly in either virtual mode, the
    hybrid one of Theorem 3 in virtual user mode only, and interprets the rest. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification VMMap.

(* ------------------------------------------------------------------ what may run directly *)

Section Direct.
Context (A : arch).

Definition untouched (s s' : stateA A) : Prop :=
  pr (st s') = pr (st s) /\ pm (st s') = pm (st s) /\ dev s' = dev s /\ outside_same A s s'.

(** Whatever does not trap in real user mode is, in the virtual modes that run directly, the same
    instruction to the program, and leaves control alone in both. *)
Definition runs_alike (direct : mode -> bool) : Prop :=
  forall i v r r', direct (pm (st v)) = true -> pm (st r) = Usr -> same_view A v r ->
  exec A i r = Next r' ->
  exists v', exec A i v = Next v' /\ same_view A v' r' /\ untouched v v' /\ untouched r r'.

Definition in_any_mode (m : mode) : bool := true.
Definition in_user_mode (m : mode) : bool := match m with Usr => true | Sup => false end.

Theorem virtualizable_alike : virtualizable A -> runs_alike in_any_mode.
Proof.
  intros condition i v r r' _ U S E.
  assert (INN : innocuous A i).
  { intro X. apply condition in X. destruct X as (T & _). destruct (T r U) as (k & Ek). congruence. }
  pose proof (innocuous_view A i INN v r S) as O. rewrite E in O.
  destruct (exec A i v) as [v'|] eqn:Ev; [|destruct O].
  exists v'. split; [reflexivity|]. split; [exact O|].
  split; eapply innocuous_control; eauto.
Qed.

Theorem hybrid_alike : hybrid_virtualizable A -> runs_alike in_user_mode.
Proof.
  intros condition i v r r' M U S E.
  assert (MV : pm (st v) = Usr) by (destruct (pm (st v)); [discriminate|reflexivity]).
  assert (NS : ~ user_sensitive A i).
  { intro X. apply condition in X. destruct X as (T & _). destruct (T r U) as (k & Ek). congruence. }
  pose proof (not_user_sensitive_view A i NS v r MV U S) as O. rewrite E in O.
  destruct (exec A i v) as [v'|] eqn:Ev; [|destruct O].
  exists v'. split; [reflexivity|]. split; [exact O|].
  unfold untouched. split; [rewrite MV|rewrite U]; eapply not_user_sensitive_control; eauto.
Qed.
End Direct.

(* ------------------------------------------------------------------ time *)

(** A unit of time changes R (the timer is a part of it, as the PSW has it) but not the relocation,
    and the devices; and it may raise a trap.  [halted], [waits]: of the processor, which is among the
    devices here. *)
Record clock (A : arch) := {
  pass : mode -> RR A -> D A -> RR A * D A * option (cause A);
  halted : D A -> bool;
  waits : D A -> bool;
  takes_time : cause A -> bool;       (* traps that pass a unit, as a supervisor call does *)
  pass_l : forall m R d, rl A (fst (fst (pass m R d))) = rl A R;
  pass_b : forall m R d, rb A (fst (fst (pass m R d))) = rb A R;
  pass_runs : forall m R d, halted d = false -> waits d = false ->
    halted (snd (fst (pass m R d))) = false /\ waits (snd (fst (pass m R d))) = false
}.

(** A machine in which nothing happens but instructions and their traps. *)
Definition no_clock (A : arch) : clock A.
  refine {| pass := fun _ R d => (R, d, None); halted := fun _ => false; waits := fun _ => false;
            takes_time := fun _ => false |}; auto.
Defined.

Section Time.
Context (A : arch) (T : clock A).
Notation state := (stateA A).

(** The unit of time after an instruction, with the trap that it raises. *)
Definition settled (s : state) : state :=
  if halted A T (dev s) then s
  else match pass A T (pm (st s)) (pr (st s)) (dev s) with
  | (R, d, raised) =>
      let s := mkst (mem s) (regs s) d (mkpsw (pm (st s)) (pp (st s)) R) in
      match raised with None => s | Some k => do_trap A k s end
  end.

(** A step of the bare machine: an instruction or a trap, and what time brings; or time alone. *)
Definition timed_step (s : state) : state :=
  if halted A T (dev s) then s
  else if waits A T (dev s) then settled s
  else match result A s with
  | Next s' => settled s'
  | Trap k => if takes_time A T k then settled (do_trap A k s) else do_trap A k s
  end.

Lemma settled_len : forall s, K A <= length (mem s) -> length (mem (settled s)) = length (mem s).
Proof.
  intros s L. unfold settled. destruct (halted A T (dev s)); [reflexivity|].
  destruct (pass A T (pm (st s)) (pr (st s)) (dev s)) as [[R d] [k|]]; [|reflexivity].
  simpl. rewrite overlay_length; [reflexivity|]. rewrite enc_len. exact L.
Qed.
Lemma do_trap_len : forall k s, K A <= length (mem s) ->
  length (mem (do_trap A k s)) = length (mem s).
Proof. intros k s L. simpl. rewrite overlay_length; [reflexivity|]. rewrite enc_len. exact L. Qed.
Lemma timed_step_len : forall s, K A <= length (mem s) ->
  length (mem (timed_step s)) = length (mem s).
Proof.
  intros s L. unfold timed_step. destruct (halted A T (dev s)); [reflexivity|].
  destruct (waits A T (dev s)); [apply settled_len; exact L|].
  destruct (result A s) as [s'|k] eqn:E.
  - pose proof (result_len A s s' E). rewrite settled_len; lia.
  - pose proof (do_trap_len k s L). destruct (takes_time A T k); [rewrite settled_len; lia|lia].
Qed.
End Time.

(** Without a clock, it is the machine of Machine.v. *)
Lemma no_clock_step : forall A s, timed_step A (no_clock A) s = step A s.
Proof.
  intros A s. unfold timed_step, step. simpl. destruct (result A s) as [s'|]; [|reflexivity].
  unfold settled. simpl. destruct s' as [m g d [a b e]]. reflexivity.
Qed.

(* ------------------------------------------------------------------ the monitor *)

Section Resident.
Context (A : arch) (c : cfg A) (T : clock A).
Context (direct : mode -> bool).
Hypothesis alike : runs_alike A direct.
Notation q := (q A c). Notation base := (base A c). Notation size := (size A c).
Notation state := (stateA A). Notation comp := (comp A c).
Notation step := (timed_step A T).

(** What the monitor keeps: the virtual M, R and devices. *)
Record private := { kept_m : mode; kept_R : RR A; kept_d : D A }.

(** The virtual machine that a real state stands for. *)
Definition virtual (h : private) (r : state) : state :=
  mkst (slice base size (mem r)) (regs r) (kept_d h) (mkpsw (kept_m h) (pp (st r)) (kept_R h)).

(** f.  The real devices are nobody's business. *)
Definition held (v : state) (h : private) (r : state) : Prop :=
  length (mem r) = q /\ pm (st r) = Usr /\ pr (st r) = comp (kept_R h) /\ virtual h r = v.

Definition resume (v r : state) : private * state :=
  ({| kept_m := pm (st v); kept_R := pr (st v); kept_d := dev v |},
   mkst (overlay base (mem v) (mem r)) (regs v) (dev r)
        (mkpsw Usr (pp (st v)) (comp (pr (st v))))).

(** A unit of virtual time that raises nothing; n of them; do so many raise nothing? *)
Definition passed (h : private) : private :=
  let x := fst (pass A T (kept_m h) (kept_R h) (kept_d h)) in
  {| kept_m := kept_m h; kept_R := fst x; kept_d := snd x |}.
Fixpoint all_passed (n : nat) (h : private) : private :=
  match n with 0 => h | S n => all_passed n (passed h) end.
Fixpoint raises_nothing (n : nat) (h : private) : Prop :=
  match n with
  | 0 => True
  | S n => snd (pass A T (kept_m h) (kept_R h) (kept_d h)) = None /\ raises_nothing n (passed h)
  end.
Definition active (h : private) : Prop :=
  halted A T (kept_d h) = false /\ waits A T (kept_d h) = false /\ direct (kept_m h) = true.

(** The real machine's own unit of time, and whether it calls the monitor. *)
Definition real_unit (r : state) : state * bool :=
  match pass A T (pm (st r)) (pr (st r)) (dev r) with
  | (R, d, raised) =>
      (mkst (mem r) (regs r) d (mkpsw (pm (st r)) (pp (st r)) R),
       match raised with None => false | Some _ => true end)
  end.

(** What f puts into the real control registers, real time leaves alone. *)
Hypothesis steady : forall R d, fst (fst (pass A T Usr (comp R) d)) = comp R.

(** At most n instructions of the hardware: how many, where it ended, and did it end by a trap that an
    instruction raised? *)
Fixpoint burst (n : nat) (r : state) : nat * state * bool :=
  match n with
  | 0 => (0, r, false)
  | S n =>
      match result A r with
      | Trap _ => (0, r, true)
      | Next r' =>
          let (r', called) := real_unit r' in
          if called then (1, r', false)
          else match burst n r' with (k, x, trapped) => (S k, x, trapped) end
      end
  end.

(** How long a burst may be is the monitor's choice, as long as nothing comes in it. *)
Context (horizon : private -> nat).
Hypothesis horizon_calm : forall h, raises_nothing (horizon h) h.

(** The monitor's turn: how many virtual steps it takes, and what it leads to. *)
Definition turn (h : private) (r : state) : nat * (private * state) :=
  let by_monitor := (1, resume (step (virtual h r)) r) in
  if halted A T (kept_d h) || waits A T (kept_d h) || negb (direct (kept_m h)) then by_monitor
  else match horizon h with
  | 0 =>        (* the unit after the next instruction may raise something: that one alone *)
      match result A r with
      | Next r' =>
          let r' := fst (real_unit r') in (1, resume (settled A T (virtual h r')) r')
      | Trap _ => by_monitor
      end
  | n =>
      match burst n r with
      | (k, r', trapped) =>
          let h := all_passed k h in
          if trapped then (S k, resume (step (virtual h r')) r') else (k, (h, r'))
      end
  end.

(* ---- it is right *)

Definition apart (o n : nat) : Prop := o + n <= base \/ base + size <= o.
Definition outside_kept (r r' : state) : Prop :=
  length (mem r') = length (mem r) /\
  forall o n, apart o n -> slice o n (mem r') = slice o n (mem r).
Lemma outside_kept_refl : forall r, outside_kept r r.
Proof. split; auto. Qed.
Lemma outside_kept_trans : forall a b d, outside_kept a b -> outside_kept b d -> outside_kept a d.
Proof.
  intros a b d (L1 & O1) (L2 & O2). split; [congruence|]. intros. rewrite O2, O1; auto.
Qed.

Lemma held_one_one : forall v v' h r, held v h r -> held v' h r -> v = v'.
Proof. unfold held; intuition congruence. Qed.

Lemma held_len : forall v h r, held v h r -> length (mem v) = size.
Proof.
  intros v h r (L & _ & _ & <-). simpl. rewrite slice_length. pose proof (ok_fit A c). lia.
Qed.

Lemma held_view : forall v h r, held v h r -> same_view A v r.
Proof.
  intros v h r (L & _ & R & <-). split; [|split; reflexivity].
  symmetry. apply (window_region (c := c)); auto.
Qed.

Lemma resume_held : forall v r, length (mem r) = q -> length (mem v) = size ->
  held v (fst (resume v r)) (snd (resume v r)) /\ outside_kept r (snd (resume v r)).
Proof.
  intros v r L Lv. pose proof (ok_fit A c) as F.
  assert (LL : length (overlay base (mem v) (mem r)) = length (mem r))
    by (apply overlay_length; lia).
  split.
  - split; [simpl; congruence|]. split; [reflexivity|]. split; [reflexivity|].
    unfold virtual. simpl. rewrite slice_overlay_same by lia.
    destruct v as [m g d [a b e]]. reflexivity.
  - split; [exact LL|]. intros o n D. simpl. apply slice_overlay_disj; unfold apart in D; lia.
Qed.

Lemma comp_relocation : forall x y, rl A x = rl A y -> rb A x = rb A y -> comp x = comp y.
Proof. unfold VMMap.comp. intros x y -> ->. reflexivity. Qed.

(** An instruction of the hardware is the virtual machine's own. *)
Lemma held_direct : forall v h r r', held v h r -> active h -> result A r = Next r' ->
  exists v', result A v = Next v' /\ held v' h r' /\ outside_kept r r' /\
    halted A T (dev v') = false /\ waits A T (dev v') = false.
Proof.
  intros v h r r' H (NH & NW & ND) Er. pose proof (held_view _ _ _ H) as S.
  destruct H as (L & U & R & HV).
  unfold result in Er. destruct (fetch A r) as [i|] eqn:F; [|discriminate].
  destruct (alike i v r r') as (v' & Ev & (Vw & Vp & Vg) & (Cr & Cm & Cd & Co) & (Dr & Dm & Dd & Do));
    auto; [subst v; exact ND|].
  exists v'. split; [unfold result; rewrite (fetch_view A v r S), F; exact Ev|].
  pose proof (exec_len _ _ _ _ Ev) as Lv. pose proof (exec_len _ _ _ _ Er) as Lr.
  pose proof (comp_inside (c := c) (kept_R h)) as B.
  assert (MM : slice base size (mem r') = mem v').
  { apply (region_step (c := c) v v' r r'); auto; rewrite <- HV; auto. }
  split; [|split].
  - split; [congruence|]. split; [congruence|]. split; [congruence|].
    unfold virtual. rewrite MM, <- Vp, <- Vg.
    destruct v' as [m g d [a b e]]. simpl in *. subst v. simpl in *. congruence.
  - split; [congruence|]. intros o n D. unfold outside_same in Do. rewrite R in Do.
    destruct Do as (D1 & D2). eapply slice_outside; [exact D1|exact D2|]. unfold apart in D. lia.
  - rewrite Cd. subst v. simpl. auto.
Qed.

(** Real time does not matter. *)
Lemma real_unit_held : forall v h r, held v h r ->
  held v h (fst (real_unit r)) /\ outside_kept r (fst (real_unit r)).
Proof.
  intros v h r (L & U & R & HV). pose proof (steady (kept_R h) (dev r)) as X.
  unfold real_unit. rewrite U, R. destruct (pass A T Usr (comp (kept_R h)) (dev r)) as [[R' d] k].
  simpl in *. subst R'. split; [|split; [reflexivity|intros; reflexivity]].
  split; [exact L|]. split; [reflexivity|]. split; [reflexivity|exact HV].
Qed.

(** A unit of virtual time that raises nothing. *)
Lemma passed_held : forall v h r, held v h r -> halted A T (kept_d h) = false ->
  snd (pass A T (kept_m h) (kept_R h) (kept_d h)) = None -> held (settled A T v) (passed h) r.
Proof.
  intros v h r (L & U & R & HV) NH N.
  pose proof (pass_l A T (kept_m h) (kept_R h) (kept_d h)) as PL.
  pose proof (pass_b A T (kept_m h) (kept_R h) (kept_d h)) as PB.
  unfold settled, passed. subst v. cbn [virtual dev st pm pr pp mem regs]. rewrite NH.
  destruct (pass A T (kept_m h) (kept_R h) (kept_d h)) as [[R' d] k]. simpl in *. subst k.
  split; [exact L|]. split; [exact U|]. split; [|reflexivity].
  rewrite R. apply comp_relocation; simpl; congruence.
Qed.
Lemma passed_active : forall h, active h -> active (passed h).
Proof.
  intros h (NH & NW & ND).
  destruct (pass_runs A T (kept_m h) (kept_R h) (kept_d h) NH NW) as (X & Y).
  split; [exact X|]. split; [exact Y|exact ND].
Qed.

Lemma held_timed_step : forall v h r, held v h r -> active h ->
  forall v', result A v = Next v' -> step v = settled A T v'.
Proof.
  intros v h r (_ & _ & _ & HV) (NH & NW & _) v' E. unfold timed_step. rewrite E.
  subst v. simpl. rewrite NH, NW. reflexivity.
Qed.

Lemma burst_held : forall n v h r, held v h r -> active h -> raises_nothing n h ->
  forall k r' t, burst n r = (k, r', t) ->
  held (iter A k step v) (all_passed k h) r' /\ outside_kept r r' /\ (n = 0 \/ k > 0 \/ t = true).
Proof.
  induction n as [|n IH]; intros v h r H Ac C k r' t B; simpl in B.
  - injection B as <- <- <-. split; [exact H|]. split; [apply outside_kept_refl|auto].
  - destruct (result A r) as [r1|] eqn:Er.
    + destruct (held_direct v h r r1 H Ac Er) as (v1 & Ev & H1 & O1 & _).
      destruct (real_unit_held v1 h r1 H1) as (H2 & O2).
      destruct C as (C1 & C2). pose proof (held_timed_step v h r H Ac v1 Ev) as S.
      destruct (real_unit r1) as [r2 called]. cbn [fst] in H2, O2.
      pose proof (passed_held v1 h r2 H2 (proj1 Ac) C1) as H3. rewrite <- S in H3.
      pose proof (outside_kept_trans _ _ _ O1 O2) as O.
      destruct called.
      * injection B as <- <- <-. split; [exact H3|]. split; [exact O|]. right; left; lia.
      * destruct (burst n r2) as [[k1 x] t1] eqn:B1. injection B as <- <- <-.
        destruct (IH _ _ _ H3 (passed_active h Ac) C2 _ _ _ B1) as (H4 & O4 & _).
        split; [exact H4|]. split; [eapply outside_kept_trans; eauto|]. right; left; lia.
    + injection B as <- <- <-. split; [exact H|]. split; [apply outside_kept_refl|auto].
Qed.

Lemma by_monitor_held : forall v h r, held v h r ->
  held (step v) (fst (resume (step (virtual h r)) r)) (snd (resume (step (virtual h r)) r)) /\
  outside_kept r (snd (resume (step (virtual h r)) r)).
Proof.
  intros v h r H. pose proof (held_len _ _ _ H) as Lv. destruct H as (L & U & R & HV). rewrite HV.
  pose proof (ok_size A c). apply resume_held; [exact L|]. rewrite timed_step_len; lia.
Qed.

(** A turn is one step of the virtual machine, or more, and it is the bare machine's. *)
Theorem turn_held : forall v h r, held v h r ->
  forall k h' r', turn h r = (k, (h', r')) ->
  k > 0 /\ held (iter A k step v) h' r' /\ outside_kept r r'.
Proof.
  intros v h r H k h' r' E. pose proof (by_monitor_held v h r H) as M.
  assert (BM : (1, resume (step (virtual h r)) r) = (k, (h', r')) ->
    k > 0 /\ held (iter A k step v) h' r' /\ outside_kept r r').
  { intro X. injection X as <- <- <-. split; [lia|exact M]. }
  unfold turn in E.
  destruct (halted A T (kept_d h)) eqn:NH; [exact (BM E)|].
  destruct (waits A T (kept_d h)) eqn:NW; [exact (BM E)|].
  destruct (direct (kept_m h)) eqn:ND; [|exact (BM E)]. cbn [orb negb] in E.
  assert (Ac : active h) by (repeat split; assumption).
  pose proof (horizon_calm h) as C. destruct (horizon h) as [|n].
  - destruct (result A r) as [r1|] eqn:Er; [|exact (BM E)].
    destruct (held_direct v h r r1 H Ac Er) as (v1 & Ev & H1 & O1 & NH1 & _).
    destruct (real_unit_held v1 h r1 H1) as (H2 & O2).
    pose proof (held_timed_step v h r H Ac v1 Ev) as S. pose proof (held_len _ _ _ H1) as L1.
    destruct H2 as (L2 & _ & _ & HV). rewrite HV in E.
    pose proof (ok_size A c).
    destruct (resume_held (settled A T v1) (fst (real_unit r1)) L2) as (X & Y);
      [rewrite settled_len; lia|].
    destruct (resume (settled A T v1) (fst (real_unit r1))) as [h2 r2] eqn:RS.
    injection E as <- <- <-. split; [lia|]. simpl. rewrite S. split; [exact X|].
    eapply outside_kept_trans; [exact O1|]. eapply outside_kept_trans; [exact O2|exact Y].
  - destruct (burst (S n) r) as [[j r1] t] eqn:B.
    destruct (burst_held (S n) v h r H Ac C j r1 t B) as (H1 & O1 & P). destruct t.
    + destruct (by_monitor_held _ _ _ H1) as (X & Y).
      destruct (resume (step (virtual (all_passed j h) r1)) r1) as [h2 r2].
      injection E as <- <- <-. split; [lia|]. rewrite <- Nat.add_1_r, iter_add. simpl in *.
      split; [exact X|]. eapply outside_kept_trans; eauto.
    + injection E as <- <- <-. split; [destruct P as [P|[P|P]]; [discriminate|exact P|discriminate]|].
      split; assumption.
Qed.

(** For ever: n turns, the virtual steps of them counted. *)
Fixpoint turns_taken (n : nat) (h : private) (r : state) : nat * (private * state) :=
  match n with
  | 0 => (0, (h, r))
  | S n =>
      let '(k, (h, r)) := turn h r in
      let '(j, x) := turns_taken n h r in (k + j, x)
  end.

Theorem resident_equivalence : forall n v h r, held v h r ->
  forall k h' r', turns_taken n h r = (k, (h', r')) ->
  n <= k /\ held (iter A k step v) h' r' /\ outside_kept r r'.
Proof.
  induction n as [|n IH]; intros v h r H k h' r' E; simpl in E.
  - injection E as <- <- <-. split; [lia|]. split; [exact H|apply outside_kept_refl].
  - destruct (turn h r) as [k1 [h1 r1]] eqn:E1.
    destruct (turns_taken n h1 r1) as [k2 [h2 r2]] eqn:E2.
    injection E as <- <- <-.
    destruct (turn_held v h r H _ _ _ E1) as (P & H1 & O1).
    destruct (IH _ _ _ H1 _ _ _ E2) as (Q & H2 & O2).
    split; [lia|]. rewrite iter_add. split; [exact H2|]. eapply outside_kept_trans; eauto.
Qed.
End Resident.

(** A horizon that is always right: it looks ahead, up to a limit. *)
Fixpoint looked_ahead (A : arch) (T : clock A) (limit : nat) (h : private A) : nat :=
  match limit with
  | 0 => 0
  | S n =>
      match snd (pass A T (kept_m A h) (kept_R A h) (kept_d A h)) with
      | None => S (looked_ahead A T n (passed A T h))
      | Some _ => 0
      end
  end.
Lemma looked_ahead_calm : forall A T limit h, raises_nothing A T (looked_ahead A T limit h) h.
Proof.
  intros A T limit. induction limit as [|n IH]; intro h; simpl; [exact Logic.I|].
  destruct (snd (pass _ _ _ _ _)) eqn:E; simpl; [exact Logic.I|]. split; [exact E|apply IH].
Qed.
