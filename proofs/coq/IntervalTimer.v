(** Many units of time at once: an interval timer's `horizon` and `skip` say of its `tick` what is so.

    A description's `tick` is what a unit of time does.  So that the program need not do it after each
    instruction, `horizon` promises how many units raise nothing, and `skip` settles so many at once.
    Here both are proved right, of code of the form that follows; tests/proofs/horizon.v applies this to
    the machine pg. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Word Tree Instance Clockwork.
Local Open Scope N_scope.

Section Code.
Variables (enabled timer w trap : N).    (* control registers by number; the timer's width *)
Definition counting : expr :=
  Bin And 1 (Reg (RControl enabled)) (Bin Ne w (Reg (RControl timer)) (Const 0)).
Definition interval_tick : stmt :=
  If counting
     (SetReg (RControl timer) (Bin Sub w (Reg (RControl timer)) (Const 1))
     (If (Bin Eq w (Reg (RControl timer)) (Const 0)) (TrapTo trap (Const 0)) Done
     Done)) Done
  Done.
Definition interval_horizon : stmt :=
  Let 0 (Ite counting (Bin Sub w (Reg (RControl timer)) (Const 1)) (Const (N.ones w)))
  Done.
Definition interval_skip : stmt :=
  If counting (SetReg (RControl timer) (Bin Sub w (Reg (RControl timer)) (Local 0)) Done) Done
  Done.
End Code.

Section Timer.
Context (I : isa) (V : world).
Variables (enabled timer w trap : N).
Hypothesis its_tick : tick I = interval_tick enabled timer w trap.
Hypothesis one_bit : nthN (control I) enabled = Some 1.
Hypothesis its_width : nthN (control I) timer = Some w.
Hypothesis apart : enabled <> timer.

(** n units, and whether one of them raises something; what horizon gives; what skip makes of R. *)
Fixpoint ticks (n : nat) (m : mode) (R : resources I) (d : devices V) : resources I :=
  match n with O => R | S n => ticks n m (fst (run_tick I V m R d)) d end.
Fixpoint silent (n : nat) (m : mode) (R : resources I) (d : devices V) : Prop :=
  match n with
  | O => True
  | S n => snd (run_tick I V m R d) = None /\ silent n m (fst (run_tick I V m R d)) d
  end.
Definition horizon_of (m : mode) (R : resources I) (d : devices V) : N :=
  at_ (locs I V (fst (ticking I V (interval_horizon enabled timer w)
    {| now := blank I V m R d; locs := [0]; goes_on := 0 |}))) 0.
Definition skipped (n : N) (m : mode) (R : resources I) (d : devices V) : resources I :=
  fst (clock_run I V (interval_skip enabled timer w) [n] m R d).

(* ------------------------------------------------------------------ control registers *)

Lemma all_fit_at : forall ws xs k n, all_fit ws xs = true -> nthN ws k = Some n ->
  fits n (at_ xs k) = true /\ exists v, nthN xs k = Some v.
Proof.
  unfold at_. intros ws xs k n. rewrite !nthN_nth. generalize (N.to_nat k) as j. clear k.
  revert xs. induction ws as [|a ws IH]; intros [|x xs] [|j] A E; simpl in *; try discriminate;
  apply andb_prop in A; destruct A as (A1 & A2).
  - injection E as ->. split; [exact A1|eauto].
  - exact (IH xs j A2 E).
Qed.
Lemma all_fit_updN : forall ws xs k n u, all_fit ws xs = true -> nthN ws k = Some n ->
  fits n u = true -> all_fit ws (updN xs k u) = true.
Proof.
  induction ws as [|a ws IH]; intros [|x xs] k n u A E F; simpl in *; try discriminate.
  apply andb_prop in A. destruct A as (A1 & A2). destruct (k =? 0).
  - injection E as ->. simpl. rewrite F, A2. reflexivity.
  - simpl. rewrite A1. simpl. eapply IH; eassumption.
Qed.
Lemma at_updN : forall xs k u v, nthN xs k = Some v -> at_ (updN xs k u) k = u.
Proof.
  intros xs k u v E. unfold at_. rewrite !nthN_nth in *. rewrite updN_nth, Nnat.N2Nat.id, N.eqb_refl, E.
  reflexivity.
Qed.
Lemma at_updN_other : forall xs k j u, j <> k -> at_ (updN xs k u) j = at_ xs j.
Proof.
  intros xs k j u D. unfold at_. rewrite !nthN_nth, updN_nth, Nnat.N2Nat.id.
  destruct (N.eqb_spec j k); [contradiction|reflexivity].
Qed.
Lemma updN_at : forall xs k, updN xs k (at_ xs k) = xs.
Proof.
  intros xs k. apply nth_ext_err. intro j. rewrite updN_nth. unfold at_. rewrite nthN_nth.
  destruct (N.eqb_spec (N.of_nat j) k) as [<-|]; [|reflexivity]. rewrite Nnat.Nat2N.id.
  destruct (nth_error xs j); reflexivity.
Qed.
Lemma updN_updN : forall xs k u v, updN (updN xs k u) k v = updN xs k v.
Proof.
  intros xs k u v. apply nth_ext_err. intro j. rewrite !updN_nth.
  destruct (N.of_nat j =? k); [|reflexivity]. destruct (nth_error xs j); reflexivity.
Qed.

Definition on (R : resources I) : N := at_ (rr_control I R) enabled.
Definition remaining (R : resources I) : N := at_ (rr_control I R) timer.
Definition with_left (R : resources I) (u : N) : resources I :=
  rr I (rr_base I R) (rr_bound I R) (updN (rr_control I R) timer u).

Lemma control_fits : forall R : resources I, all_fit (control I) (rr_control I R) = true.
Proof.
  intros [[[l b] x] H]. simpl. pose proof H as F. simpl in F. apply andb_prop in F. tauto.
Qed.
Lemma left_fits : forall R, remaining R < 2 ^ w.
Proof.
  intro R. destruct (all_fit_at _ _ _ _ (control_fits R) its_width) as (F & _).
  apply N.ltb_lt. exact F.
Qed.
Lemma on_bit : forall R, on R = 0 \/ on R = 1.
Proof.
  intro R. destruct (all_fit_at _ _ _ _ (control_fits R) one_bit) as (F & _).
  apply N.ltb_lt in F. change (2 ^ 1) with 2 in F. unfold on. lia.
Qed.
Lemma with_left_control : forall R u, u < 2 ^ w ->
  rr_control I (with_left R u) = updN (rr_control I R) timer u.
Proof.
  intros R u F.
  change (trunc_all (control I) (updN (rr_control I R) timer u) = updN (rr_control I R) timer u).
  apply trunc_all_id. eapply all_fit_updN; [apply control_fits|exact its_width|].
  apply N.ltb_lt. exact F.
Qed.
Lemma with_left_left : forall R u, u < 2 ^ w -> remaining (with_left R u) = u.
Proof.
  intros R u F. unfold remaining. rewrite with_left_control by exact F.
  destruct (all_fit_at _ _ _ _ (control_fits R) its_width) as (_ & v & E).
  eapply at_updN. exact E.
Qed.
Lemma with_left_on : forall R u, u < 2 ^ w -> on (with_left R u) = on R.
Proof.
  intros R u F. unfold on. rewrite with_left_control by exact F. apply at_updN_other. exact apart.
Qed.
Lemma with_left_again : forall R u v, u < 2 ^ w -> v < 2 ^ w ->
  with_left (with_left R u) v = with_left R v.
Proof.
  intros R u v U F. apply rr_ext.
  - unfold with_left. rewrite !rr_base_made. reflexivity.
  - unfold with_left. rewrite !rr_bound_made. reflexivity.
  - rewrite !with_left_control by assumption. apply updN_updN.
Qed.
Lemma with_left_same : forall R, with_left R (remaining R) = R.
Proof.
  intro R. apply rr_ext.
  - unfold with_left. apply rr_base_made.
  - unfold with_left. apply rr_bound_made.
  - rewrite with_left_control by apply left_fits. apply updN_at.
Qed.

(* ------------------------------------------------------------------ the code *)

Lemma less : forall v k, v < 2 ^ w -> k <= v -> trunc w (v + (2 ^ w - k)) = v - k.
Proof.
  intros v k F L. rewrite trunc_mod. replace (v + (2 ^ w - k)) with (v - k + 1 * 2 ^ w) by lia.
  rewrite N.mod_add by lia. apply N.mod_small. lia.
Qed.
Lemma counting_value : forall f l m R d, eval I V f l (blank I V m R d) (counting enabled timer w) =
  if (on R =? 1) && negb (remaining R =? 0) then 1 else 0.
Proof.
  intros f l m R d. simpl. fold (on R) (remaining R).
  destruct (on_bit R) as [E|E]; rewrite E; destruct (remaining R =? 0); reflexivity.
Qed.

Lemma tick_is : forall m R d, run_tick I V m R d =
  if (on R =? 1) && negb (remaining R =? 0)
  then (with_left R (remaining R - 1), if remaining R =? 1 then Some (trap, 0) else None)
  else (R, None).
Proof.
  intros m R d. unfold run_tick, clock_run. rewrite its_tick. unfold interval_tick.
  cbn [ticking]. cbn [Tree.now Tree.locs]. rewrite counting_value.
  destruct ((on R =? 1) && negb (remaining R =? 0)) eqn:C; [|reflexivity].
  apply andb_prop in C. destruct C as (_ & C). apply negb_true_iff, N.eqb_neq in C.
  pose proof (left_fits R) as F.
  change (1 =? 0) with false. cbv iota. cbn [ticking at_state Tree.now Tree.locs goes_on].
  assert (E : set I V (blank I V m R d) (RControl timer)
                (eval I V [] (locals_of (tick_locals I)) (blank I V m R d)
                   (Bin Sub w (Reg (RControl timer)) (Const 1))) =
              blank I V m (with_left R (remaining R - 1)) d).
  { rewrite <- (less (remaining R) 1) by lia. reflexivity. }
  rewrite E. cbn [eval get blank st pr apply].
  change (at_ (rr_control I (with_left R (remaining R - 1))) timer) with (remaining (with_left R (remaining R - 1))).
  rewrite with_left_left by lia.
  destruct (N.eqb_spec (remaining R) 1) as [O|O].
  - rewrite O. reflexivity.
  - destruct (N.eqb_spec (remaining R - 1) 0); [lia|reflexivity].
Qed.
Lemma skip_is : forall n m R d, n <= remaining R -> skipped n m R d =
  if (on R =? 1) && negb (remaining R =? 0) then with_left R (remaining R - n) else R.
Proof.
  intros n m R d L. unfold skipped, clock_run, interval_skip.
  cbn [ticking]. cbn [Tree.now Tree.locs]. rewrite counting_value.
  destruct ((on R =? 1) && negb (remaining R =? 0)); [|reflexivity].
  change (1 =? 0) with false. cbv iota. cbn [ticking at_state Tree.now Tree.locs goes_on fst].
  rewrite <- (less (remaining R) n) by (exact L || apply left_fits). reflexivity.
Qed.
Lemma skip_idle : forall n m R d, (on R =? 1) && negb (remaining R =? 0) = false -> skipped n m R d = R.
Proof.
  intros n m R d C. unfold skipped, clock_run, interval_skip.
  cbn [ticking]. cbn [Tree.now Tree.locs]. rewrite counting_value, C. reflexivity.
Qed.
Lemma horizon_is : forall m R d, horizon_of m R d =
  if (on R =? 1) && negb (remaining R =? 0) then remaining R - 1 else N.ones w.
Proof.
  intros m R d. unfold horizon_of, interval_horizon. cbn [ticking]. cbn [Tree.now Tree.locs].
  cbn [at_local Tree.locs fst updN]. unfold at_ at 1. cbn [nthN].
  change (0 =? 0) with true. cbv iota.
  change ((if eval I V [] [0] (blank I V m R d) (counting enabled timer w) =? 0
           then N.ones w else trunc w (remaining R + (2 ^ w - 1))) =
          (if (on R =? 1) && negb (remaining R =? 0) then remaining R - 1 else N.ones w)).
  rewrite counting_value.
  destruct ((on R =? 1) && negb (remaining R =? 0)) eqn:C; [|reflexivity].
  apply andb_prop in C. destruct C as (_ & C). apply negb_true_iff, N.eqb_neq in C.
  change (1 =? 0) with false. cbv iota. apply less; [apply left_fits|lia].
Qed.

(** As many units as horizon says raise nothing, and skip is what they do. *)
Theorem horizon_and_skip : forall n m R d, N.of_nat n <= horizon_of m R d ->
  silent n m R d /\ ticks n m R d = skipped (N.of_nat n) m R d.
Proof.
  intros n m R d. rewrite horizon_is.
  destruct ((on R =? 1) && negb (remaining R =? 0)) eqn:C; intro H.
  - rewrite skip_is, C by lia. apply andb_prop in C. destruct C as (O & C).
    apply N.eqb_eq in O. apply negb_true_iff, N.eqb_neq in C.
    assert (L : N.of_nat n < remaining R) by lia. clear H C.
    revert R O L. induction n as [|n IH]; intros R O L.
    + split; [exact Logic.I|]. cbn [ticks]. rewrite N.sub_0_r. symmetry. apply with_left_same.
    + pose proof (left_fits R) as F. assert (U : remaining R - 1 < 2 ^ w) by lia.
      cbn [silent ticks]. rewrite tick_is, O.
      replace (remaining R =? 0) with false by (symmetry; apply N.eqb_neq; lia).
      replace (remaining R =? 1) with false by (symmetry; apply N.eqb_neq; lia).
      change ((1 =? 1) && negb false) with true. cbv iota. cbn [fst snd].
      destruct (IH (with_left R (remaining R - 1))) as (S1 & S2).
      * rewrite with_left_on; assumption.
      * rewrite with_left_left by exact U. lia.
      * split; [auto|]. rewrite S2, with_left_left by exact U. rewrite with_left_again by lia.
        f_equal. lia.
  - rewrite skip_idle by exact C. clear H. induction n as [|n IH]; [split; [exact Logic.I|reflexivity]|].
    destruct IH as (S1 & S2). cbn [silent ticks]. rewrite tick_is, C. cbn [fst snd].
    split; [auto|exact S2].
Qed.
End Timer.
