(** Time in an exported machine: what `tick` and `interrupt` of a description do, and that the hosted
    monitor's theorem applies to them.

    Both are code about control registers only, the relocation apart; [clock_ok] computes that.  So
    they need neither storage nor registers, and are run here without any. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification Word Tree Instance VMMap Resident.

Section Clockwork.
Context (I : isa) (V : world).
Notation w := (width I).
Notation St := (state N (list N) (devices V) (word w) (resources I)).
Notation Progress := (progress I V).
Notation now := (now I V). Notation locs := (locs I V).

(** Their effects remain when they trap: where they end, and by which trap. *)
Fixpoint ticking (c : stmt) (x : Progress) : Progress * option tcause :=
  let value := eval I V [] (locs x) (now x) in
  match c with
  | Let k e r => ticking r (at_local I V x k (value e))
  | SetReg g e r => ticking r (at_state I V x (set I V (now x) g (value e)))
  | If e body other r =>
      match ticking (if (value e =? 0)%N then other else body) x with
      | (y, None) => ticking r y
      | trapped => trapped
      end
  | TrapTo t e => (x, Some (t, value e))
  | _ => (x, None)
  end.

Definition blank (m : mode) (R : resources I) (d : devices V) : St :=
  mkst [] [] d (mkpsw m (wrap w 0) R).
Definition clock_run (c : stmt) (l : list N) (m : mode) (R : resources I) (d : devices V) :
    resources I * option tcause :=
  let (x, t) := ticking c {| Tree.now := blank m R d; Tree.locs := l; goes_on := 0 |} in
  (pr (st (now x)), t).
Definition locals_of (n : N) : list N := repeat 0%N (N.to_nat n).
Definition run_tick := clock_run (tick I) (locals_of (tick_locals I)).
Definition run_interrupt (line : N) :=
  clock_run (interrupt I) (line :: locals_of (interrupt_locals I)).

(** The first of the asserted lines whose interrupt comes. *)
Fixpoint sampled (lines : list N) (m : mode) (R : resources I) (d : devices V) : option tcause :=
  match lines with
  | [] => None
  | n :: t => match snd (run_interrupt n m R d) with Some k => Some k | None => sampled t m R d end
  end.

Definition awake (s : status) : status :=
  match s with Begins | Waiting => Running | _ => s end.
Definition waited (s : status) (line event : bool) : status :=
  match s with
  | Begins => if line then Running else Waiting
  | Waiting => if line || event then Running else Waiting
  | _ => s
  end.

(** A unit of time: tick; the devices go on; if tick raised nothing, the lines are sampled. *)
Definition unit_of_time (m : mode) (R : resources I) (d : devices V) :
    resources I * devices V * option tcause :=
  let (R', ticked) := run_tick m R d in
  let d' := w_pass V (snd d) in
  match ticked with
  | Some k => (R', (awake (fst d), d'), Some k)
  | None =>
      match sampled (w_lines V d') m R' d with
      | Some k => (R', (awake (fst d), d'), Some k)
      | None => (R', (waited (fst d) (negb (length (w_lines V d') =? 0)%nat)
                             (w_event V (snd d)), d'), None)
      end
  end.

(* ------------------------------------------------------------------ the computation *)

Fixpoint clock_expr (e : expr) : bool :=
  match e with
  | Const _ | Local _ | Reg RMode | Reg (RControl _) => true
  | Not _ a | Neg _ a | Slice _ _ a | Zext a | Sext _ _ a => clock_expr a
  | Bin _ _ a b | Concat _ a b => clock_expr a && clock_expr b
  | Ite c a b => clock_expr c && clock_expr a && clock_expr b
  | _ => false
  end.
Fixpoint clock_code (sets : bool) (c : stmt) : bool :=
  match c with
  | Done => true
  | Let _ e r => clock_expr e && clock_code sets r
  | SetReg (RControl _) e r => sets && clock_expr e && clock_code sets r
  | If e b o r => clock_expr e && clock_code sets b && clock_code sets o && clock_code sets r
  | TrapTo _ e => clock_expr e
  | _ => false
  end.

(** What f puts into the real registers. *)
Definition pinned : resources I := rr I 0 0 (real I).
Context (any : wD V).
Definition stands_still : bool :=
  if list_eq_dec N.eq_dec (rr_control I (fst (run_tick Usr pinned (Running, any))))
                          (rr_control I pinned) then true else false.
Definition clock_ok : bool :=
  clock_code true (tick I) && clock_code false (interrupt I) && stands_still.

(* ------------------------------------------------------------------ it is sound *)

(** States that are the same to a clock. *)
Definition same_time (s1 s2 : St) : Prop :=
  pm (st s1) = pm (st s2) /\ rr_control I (pr (st s1)) = rr_control I (pr (st s2)).

Lemma clock_eval : forall l e (s1 s2 : St), clock_expr e = true -> same_time s1 s2 ->
  eval I V [] l s1 e = eval I V [] l s2 e.
Proof.
  intros l e s1 s2 B (H1 & H2). induction e; simpl in *; try discriminate; auto;
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end;
  try (rewrite IHe by assumption); try (rewrite IHe1, IHe2 by assumption); auto.
  - destruct r; simpl; try discriminate; congruence.
  - rewrite IHe3 by assumption. reflexivity.
Qed.

Lemma ticking_same : forall sets c x y, clock_code sets c = true -> same_time (now x) (now y) ->
  locs x = locs y ->
  same_time (now (fst (ticking c x))) (now (fst (ticking c y))) /\
  locs (fst (ticking c x)) = locs (fst (ticking c y)) /\
  snd (ticking c x) = snd (ticking c y).
Proof.
  intros sets c. induction c; intros x y B S L; simpl in B; try discriminate; simpl;
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end;
  repeat match goal with H : clock_expr ?e = true |- _ =>
    let E := fresh "E" in
    assert (E : eval I V [] (locs x) (now x) e = eval I V [] (locs y) (now y) e)
      by (rewrite L; apply clock_eval; assumption);
    rewrite ?E; clear H end; auto.
  - apply IHc; simpl; auto. congruence.
  - destruct r; try discriminate.
    repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
    match goal with H : clock_expr _ = true |- _ =>
      pose proof (clock_eval (locs y) e (now x) (now y) H S) as E end.
    rewrite <- L in E at 1. rewrite E.
    apply IHc; auto. destruct S as (S1 & S2). split; [exact S1|]. simpl. rewrite S2. reflexivity.
  - match goal with |- context[if ?b then _ else _] => set (k := b) end.
    assert (SB : same_time (now (fst (ticking (if k then c2 else c1) x)))
                           (now (fst (ticking (if k then c2 else c1) y))) /\
      locs (fst (ticking (if k then c2 else c1) x)) = locs (fst (ticking (if k then c2 else c1) y)) /\
      snd (ticking (if k then c2 else c1) x) = snd (ticking (if k then c2 else c1) y))
      by (destruct k; auto).
    destruct (ticking (if k then c2 else c1) x) as [x' tx], (ticking (if k then c2 else c1) y) as [y' ty].
    simpl in SB. destruct SB as (S1 & S2 & S3). subst ty. destruct tx; simpl; auto.
Qed.

(** The relocation is no clock's business. *)
Lemma rr_base_made : forall (R : resources I) x,
  rr_base I (rr I (rr_base I R) (rr_bound I R) x) = rr_base I R.
Proof.
  intros [[[l b] y] H] x. simpl. pose proof H as F. simpl in F.
  apply andb_prop in F. destruct F as (F & _). apply andb_prop in F. destruct F as (F & _).
  apply trunc_small. exact F.
Qed.
Lemma rr_bound_made : forall (R : resources I) x,
  rr_bound I (rr I (rr_base I R) (rr_bound I R) x) = rr_bound I R.
Proof.
  intros [[[l b] y] H] x. simpl. pose proof H as F. simpl in F.
  apply andb_prop in F. destruct F as (F & _). apply andb_prop in F. destruct F as (_ & F).
  apply trunc_small. exact F.
Qed.
Lemma ticking_relocation : forall sets c x, clock_code sets c = true ->
  rr_base I (pr (st (now (fst (ticking c x))))) = rr_base I (pr (st (now x))) /\
  rr_bound I (pr (st (now (fst (ticking c x))))) = rr_bound I (pr (st (now x))).
Proof.
  intros sets c. induction c; intros x B; simpl in B; try discriminate; simpl; auto;
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
  - apply (IHc (at_local I V x k _)). assumption.
  - destruct r; try discriminate.
    repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
    match goal with |- context[ticking c ?y] => destruct (IHc y) as (X & Y); auto; rewrite X, Y end.
    simpl. rewrite rr_base_made, rr_bound_made. auto.
  - match goal with |- context[if ?b then _ else _] => set (k := b) end.
    set (y := ticking (if k then c2 else c1) x).
    assert (SB : rr_base I (pr (st (now (fst y)))) = rr_base I (pr (st (now x))) /\
                 rr_bound I (pr (st (now (fst y)))) = rr_bound I (pr (st (now x))))
      by (unfold y; destruct k; auto).
    destruct y as [x' [t|]]; simpl in *; [exact SB|].
    destruct SB as (<- & <-). auto.
Qed.

Hypothesis good : clock_ok = true.
Lemma good_tick : clock_code true (tick I) = true.
Proof.
  unfold clock_ok in good. apply andb_prop in good. destruct good as (G & _).
  apply andb_prop in G. tauto.
Qed.

Lemma run_tick_relocation : forall m R d,
  rr_base I (fst (run_tick m R d)) = rr_base I R /\ rr_bound I (fst (run_tick m R d)) = rr_bound I R.
Proof.
  intros m R d. unfold run_tick, clock_run.
  pose proof (ticking_relocation true (tick I) {| Tree.now := blank m R d;
    Tree.locs := locals_of (tick_locals I); goes_on := 0 |} good_tick) as X.
  destruct (ticking _ _) as [x t]. exact X.
Qed.

Lemma unit_R : forall m R d, fst (fst (unit_of_time m R d)) = fst (run_tick m R d).
Proof.
  intros m R d. unfold unit_of_time. destruct (run_tick m R d) as [R' [k|]]; [reflexivity|].
  destruct (sampled _ _ _ _); reflexivity.
Qed.

Hypothesis ok : sequence_ok I = true.
Notation A := (architecture I V ok).

Definition is_halted (d : devices V) : bool := match fst d with Halted _ => true | _ => false end.
Definition is_waiting (d : devices V) : bool :=
  match fst d with Begins | Waiting => true | _ => false end.

Definition clock_of : clock A.
  refine {| pass := unit_of_time : mode -> RR A -> D A -> RR A * D A * option (cause A);
            halted := is_halted : D A -> bool; waits := is_waiting : D A -> bool;
            takes_time := (fun k => is_next I (fst k)) : cause A -> bool |}.
  - intros m R d. change (N.to_nat (rr_base I (fst (fst (unit_of_time m R d)))) = N.to_nat (rr_base I R)).
    rewrite unit_R. f_equal. apply run_tick_relocation.
  - intros m R d. change (N.to_nat (rr_bound I (fst (fst (unit_of_time m R d)))) = N.to_nat (rr_bound I R)).
    rewrite unit_R. f_equal. apply run_tick_relocation.
  - intros m R d H W. change (is_halted d = false) in H. change (is_waiting d = false) in W.
    change (is_halted (snd (fst (unit_of_time m R d))) = false /\
            is_waiting (snd (fst (unit_of_time m R d))) = false).
    assert (X : fst d = Running).
    { unfold is_halted, is_waiting in *. destruct (fst d); congruence. }
    unfold unit_of_time. rewrite X. destruct (run_tick m R d) as [R' [k|]]; [auto|].
    destruct (sampled _ _ _ _); auto.
Defined.

Lemma rr_ext : forall R R' : resources I, rr_base I R = rr_base I R' ->
  rr_bound I R = rr_bound I R' -> rr_control I R = rr_control I R' -> R = R'.
Proof. intros R R' H1 H2 H3. rewrite <- (rr_same I R), <- (rr_same I R'), H1, H2, H3. reflexivity. Qed.

(** Real time leaves alone what f puts into the real registers. *)
Lemma pinned_steady : forall l b d, fst (run_tick Usr (rr I l b (real I)) d) = rr I l b (real I).
Proof.
  intros l b d. destruct (run_tick_relocation Usr (rr I l b (real I)) d) as (X & Y).
  apply rr_ext; [exact X|exact Y|].
  pose proof good as G. unfold clock_ok in G. apply andb_prop in G. destruct G as (_ & G).
  unfold stands_still in G.
  destruct (list_eq_dec _ _ _) as [E|]; [|discriminate]. clear G.
  transitivity (rr_control I (fst (run_tick Usr pinned (Running, any)))); [|exact E].
  unfold run_tick, clock_run.
  destruct (ticking_same true (tick I)
    {| Tree.now := blank Usr (rr I l b (real I)) d; Tree.locs := locals_of (tick_locals I); goes_on := 0 |}
    {| Tree.now := blank Usr pinned (Running, any); Tree.locs := locals_of (tick_locals I); goes_on := 0 |}
    good_tick) as ((_ & S) & _); [split; reflexivity|reflexivity|].
  destruct (ticking _ _) as [x t], (ticking _ _) as [y u]. exact S.
Qed.

Theorem clock_steady : forall (c : cfg A) R d, fst (fst (pass A clock_of Usr (comp A c R) d)) = comp A c R.
Proof.
  intros c R d. change (fst (fst (unit_of_time Usr (comp A c R) d)) = comp A c R).
  rewrite unit_R. unfold comp. destruct (_ <? _)%nat; apply pinned_steady.
Qed.

(** A step of the machine with its time, computed with binary addresses. *)
Definition quick_timed_step (s : St) : St :=
  if is_halted (dev s) then s
  else if is_waiting (dev s) then settled A clock_of s
  else match quick_result I V s with
  | Next s' => settled A clock_of s'
  | Trap k => if is_next I (fst k) then settled A clock_of (do_trap A k s) else do_trap A k s
  end.
Theorem quick_timed_step_is_step : forall s, quick_timed_step s = timed_step A clock_of s.
Proof.
  intro s. unfold quick_timed_step, timed_step. rewrite (quick_result_is_result I V ok). reflexivity.
Qed.
End Clockwork.
