(** The classes of a plain machine's instructions, by computation: Analysis.v, for Plain.v.

    What user mode tells of the registers that make it ([pins]) is used as the value of M is there:
    in user mode of a PDP-10, USER is 1 and USER IN-OUT is 0. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Word Tree Instance Processor Plain.

Definition reg_eq_dec : forall a b : reg, {a = b} + {a <> b}.
Proof. decide equality; apply N.eq_dec. Defined.
Definition binop_eq_dec : forall a b : binop, {a = b} + {a <> b}.
Proof. decide equality. Defined.
Definition expr_eq_dec : forall a b : expr, {a = b} + {a <> b}.
Proof. decide equality; try apply N.eq_dec; [apply reg_eq_dec|apply binop_eq_dec]. Defined.

Section Analysis.
Context (I : plain) (V : world).
Notation St := (configuration (wD V)).
Notation go := (go I V). Notation worth := (worth V). Notation value_of := (value_of V).
Notation reached := (reached V). Notation left_alone := (left_alone V).
Notation carry_out := (carry_out I V). Notation user_state := (user_state I V).
Notation within := (within I V).
Notation at_present := (at_present V). Notation locals_ := (locals_ V).
Notation onward := (onward V).

(* ------------------------------------------------------------------ the computation *)

(** What is known of control registers. *)
Definition facts := list (reg * N).
Fixpoint fact (k : facts) (r : reg) : option N :=
  match k with
  | [] => None
  | (r', v) :: k => if reg_eq_dec r' r then Some v else fact k r
  end.

(** What "and" gives where one side is known. *)
Definition absorbed (op : binop) (x : N) : option N :=
  match op with And => if (x =? 0)%N then Some 0%N else None | _ => None end.
Fixpoint surely (k : facts) (e : expr) : option N :=
  match e with
  | Const v => Some v
  | Reg r => fact k r
  | Not n a => option_map (fun x => N.lxor x (N.ones n)) (surely k a)
  | Slice low n a => option_map (fun x => trunc n (N.shiftr x low)) (surely k a)
  | Zext a => surely k a
  | Bin op n a b =>
      match surely k a, surely k b with
      | Some x, Some y => Some (apply op n x y)
      | Some x, None | None, Some x => absorbed op x
      | None, None => None
      end
  | Ite c a b =>
      match surely k c with Some v => surely k (if (v =? 0)%N then b else a) | None => None end
  | _ => None
  end.

(** Is an expression made of what the program sees, and of what is known?  [m]: control registers
    that the states to be compared have in common. *)
Definition sure (k : facts) (e : expr) : bool :=
  match surely k e with Some _ => true | None => false end.
Fixpoint seeing (m : list N) (k : facts) (e : expr) : bool :=
  sure k e ||
  match e with
  | Const _ | Field _ | Local _ => true
  | Reg RPc | Reg (RVisible _) => true
  | Reg (RControl j) => existsb (N.eqb j) m
  | Reg _ | Size => false
  | Elem _ _ a | Not _ a | Neg _ a | Slice _ _ a | Zext a | Sext _ _ a => seeing m k a
  | Bin _ _ a b | Concat _ a b => seeing m k a && seeing m k b
  | Ite c a b => seeing m k c && seeing m k a && seeing m k b
  end.

(** A control register may be set only to what it is. *)
Definition same_again (k : facts) (r : reg) (e : expr) : bool :=
  match fact k r, surely k e with Some v, Some u => (v =? u)%N | _, _ => false end.

Fixpoint calm (m : list N) (k : facts) (c : stmt) : bool :=
  match c with
  | Done => true
  | Let _ e r | Goto e r | Load _ e r => seeing m k e && calm m k r
  | SetReg g e r =>
      match g with RVisible _ => seeing m k e | RPc => false | _ => same_again k g e end && calm m k r
  | SetElem _ _ i e r | Store i e r => seeing m k i && seeing m k e && calm m k r
  | In _ _ _ _ | Out _ _ _ _ | Halt _ _ | Wait _ => false
  | If e body other r =>
      match surely k e with
      | Some v => calm m k (if (v =? 0)%N then other else body)
      | None => seeing m k e && calm m k body && calm m k other
      end && calm m k r
  | TrapTo _ e => seeing m k e
  end.

(** Does a piece of code trap as at bad addresses only? *)
Fixpoint only_addresses (c : stmt) : bool :=
  match c with
  | Done => true
  | Let _ _ r | SetReg _ _ r | SetElem _ _ _ _ r | Goto _ r | Load _ _ r | Store _ _ r
  | In _ _ _ r | Out _ _ _ r | Halt _ r | Wait r => only_addresses r
  | If _ b o r => only_addresses b && only_addresses o && only_addresses r
  | TrapTo t _ => is_fault I t
  end.

(** An expression of no instruction's in particular. *)
Fixpoint closed (e : expr) : bool :=
  match e with
  | Field _ | Local _ => false
  | Const _ | Reg _ | Size => true
  | Elem _ _ a | Not _ a | Neg _ a | Slice _ _ a | Zext a | Sext _ _ a => closed a
  | Bin _ _ a b | Concat _ a b => closed a && closed b
  | Ite c a b => closed c && closed a && closed b
  end.

(** `privileged;` in front, which traps in user mode, and only memory traps behind it. *)
Definition behind_guard (c : stmt) : bool :=
  match c with
  | If e (TrapTo _ _) Done r =>
      (if expr_eq_dec e (is_user I) then true else false) && closed e && only_addresses r
  | _ => false
  end.

(** The same without a word on what is behind it. *)
Definition refuses_user (c : stmt) : bool :=
  match c with
  | If e (TrapTo _ _) Done _ => (if expr_eq_dec e (is_user I) then true else false) && closed e
  | _ => false
  end.

(** What it takes for the expression of user mode not to be 0. *)
Definition one_bit (r : reg) : bool :=
  match r with
  | RMode => (mode_width I =? 1)%N
  | RControl k => match nthN (control_widths I) k with Some n => (n =? 1)%N | None => false end
  | _ => false
  end.
Fixpoint pins (e : expr) : facts :=
  match e with
  | Bin And _ a b => pins a ++ pins b
  | Bin Eq _ (Reg r) (Const v) => [(r, v)]
  | Reg r => if one_bit r then [(r, 1%N)] else []
  | Not 1 (Reg r) => if one_bit r then [(r, 0%N)] else []
  | _ => []
  end.
Definition control_only (k : facts) : bool :=
  forallb (fun p => match fst p with RMode | RBase | RBound | RControl _ => true | _ => false end) k.
Definition in_user_mode : facts := if control_only (pins (is_user I)) then pins (is_user I) else [].

Definition first_holds : bool :=
  forallb (fun i => calm [] [] (code i) || behind_guard (code i)) (table I).
Definition third_holds : bool :=
  forallb (fun i => calm [] [] (code i) || behind_guard (code i) || calm [] in_user_mode (code i)) (table I).

Definition first_traps : bool :=
  forallb (fun i => calm [] [] (code i) || refuses_user (code i)) (table I).
Definition third_traps : bool :=
  forallb (fun i => calm [] [] (code i) || refuses_user (code i) || calm [] in_user_mode (code i)) (table I).

(* ------------------------------------------------------------------ it is sound *)

Definition true_of (k : facts) (s : St) : Prop :=
  forall r v, fact k r = Some v -> value_of s r = v.
Definition controls_only (k : facts) : Prop :=
  forall r v, fact k r = Some v -> match r with RPc | RVisible _ => False | _ => True end.
Lemma fact_nil : forall s, true_of [] s. Proof. intros s r v H. discriminate. Qed.

Lemma surely_worth : forall k f l e v (s : St), surely k e = Some v -> true_of k s ->
  worth f l s e = v.
Proof.
  intros k f l e. induction e; intros v0 s H T; simpl in H; try discriminate; simpl.
  - congruence.
  - exact (T _ _ H).
  - destruct (surely k e); [|discriminate]. injection H as <-. rewrite (IHe n s); auto.
  - destruct (surely k e); [|discriminate]. injection H as <-. rewrite (IHe n s); auto.
  - auto.
  - destruct (surely k e1) as [a|] eqn:E1, (surely k e2) as [b|] eqn:E2.
    + injection H as <-. rewrite (IHe1 a s), (IHe2 b s); try reflexivity; assumption.
    + destruct op; try discriminate. simpl in H. destruct (N.eqb_spec a 0) as [->|]; [|discriminate].
      injection H as <-. rewrite (IHe1 0%N s); auto.
    + destruct op; try discriminate. simpl in H. destruct (N.eqb_spec b 0) as [->|]; [|discriminate].
      injection H as <-. rewrite (IHe2 0%N s); auto. apply N.land_0_r.
    + discriminate.
  - destruct (surely k e1) as [a|] eqn:E1; [|discriminate].
    rewrite (IHe1 a s) by auto. destruct (a =? 0)%N; auto.
Qed.

(** What two states must share for a program not to tell them apart. *)
Definition same_to_program (s1 s2 : St) : Prop :=
  reached s1 = reached s2 /\ place s1 = place s2 /\ visibles s1 = visibles s2.

(** And the control registers that they have in common. *)
Definition share (m : list N) (s1 s2 : St) : Prop :=
  forall j, existsb (N.eqb j) m = true -> at_ (controls s1) j = at_ (controls s2) j.
Lemma share_none : forall s1 s2, share [] s1 s2. Proof. intros s1 s2 j H. discriminate. Qed.
Lemma share_kept : forall m s1 s2 s1' s2', share m s1 s2 -> controls s1' = controls s1 ->
  controls s2' = controls s2 -> share m s1' s2'.
Proof. unfold share. intros m s1 s2 s1' s2' H -> ->. exact H. Qed.

Lemma seeing_worth : forall m k f l e s1 s2, seeing m k e = true -> same_to_program s1 s2 ->
  share m s1 s2 -> true_of k s1 -> true_of k s2 -> worth f l s1 e = worth f l s2 e.
Proof.
  intros m k f l e s1 s2 B (H1 & H2 & H3) SH T1 T2.
  assert (K : forall e, sure k e = true -> worth f l s1 e = worth f l s2 e).
  { unfold sure. intros e' E. destruct (surely k e') as [v|] eqn:Q; [|discriminate].
    rewrite (surely_worth k f l e' v s1 Q T1). symmetry. exact (surely_worth k f l e' v s2 Q T2). }
  induction e; cbn [seeing] in B; apply orb_prop in B; (destruct B as [B|B]; [apply K, B|]);
  clear K; simpl;
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end;
  try (rewrite IHe by assumption); try (rewrite IHe1, IHe2 by assumption); auto; try discriminate.
  - destruct r; simpl; try discriminate; try congruence. exact (SH _ B).
  - rewrite H3. reflexivity.
  - rewrite IHe3 by assumption. reflexivity.
Qed.

Lemma alone_same : forall s s' : St, mode_ s' = mode_ s -> base_ s' = base_ s -> bound_ s' = bound_ s ->
  controls s' = controls s -> outside s' = outside s -> storage s' = storage s -> left_alone s s'.
Proof. unfold Plain.left_alone. intros s s' -> -> -> -> -> ->. auto 10. Qed.
Lemma alone_trans : forall a b c, left_alone a b -> left_alone b c -> left_alone a c.
Proof.
  unfold Plain.left_alone. intros a b c (A1 & A2 & A3 & A4 & A5 & A6 & A7) (B1 & B2 & B3 & B4 & B5 & B6 & B7).
  rewrite ?A2, ?A3 in *. repeat split; congruence.
Qed.
Lemma alone_true : forall k s s', controls_only k -> left_alone s s' -> true_of k s -> true_of k s'.
Proof.
  intros k s s' C (M & L & B & X & _) T r v F. rewrite <- (T r v F). pose proof (C r v F).
  destruct r; simpl; try contradiction; congruence.
Qed.

Lemma reached_nth : forall (s : St) a, nthN (reached s) a =
  if (a <? bound_ s)%N then nth_error (storage s) (N.to_nat (base_ s + a)) else None.
Proof.
  intros. unfold Plain.reached. rewrite nthN_nth, sliceN_slice, nth_slice.
  destruct (N.ltb_spec a (bound_ s)), (Nat.ltb_spec (N.to_nat a) (N.to_nat (bound_ s))); try lia; auto.
  f_equal. lia.
Qed.
Lemma alone_store : forall (s : St) a v x, nthN (reached s) a = Some x ->
  left_alone s (put_storage V s (updN (storage s) (base_ s + a) v)).
Proof.
  intros s a v x H. rewrite reached_nth in H.
  destruct (N.ltb_spec a (bound_ s)) as [B|]; [|discriminate].
  unfold Plain.left_alone. repeat split; simpl; apply nth_ext_err; intro j.
  - rewrite !nth_error_firstn', updN_nth. destruct (Nat.ltb_spec j (N.to_nat (base_ s))); auto.
    destruct (N.eqb_spec (N.of_nat j) (base_ s + a)); [lia|reflexivity].
  - rewrite !nth_error_skipn', updN_nth.
    match goal with |- context[(?x =? ?y)%N] => destruct (N.eqb_spec x y); [lia|reflexivity] end.
Qed.
Lemma reached_store : forall (s : St) a v x, nthN (reached s) a = Some x ->
  reached (put_storage V s (updN (storage s) (base_ s + a) v)) = updN (reached s) a v.
Proof.
  intros s a v x H. rewrite reached_nth in H.
  destruct (N.ltb_spec a (bound_ s)) as [B|]; [|discriminate].
  apply nth_ext_err. intro j. rewrite updN_nth. unfold Plain.reached, put_storage. cbn [storage base_ bound_].
  rewrite !sliceN_slice, !nth_slice, updN_nth.
  destruct (Nat.ltb_spec j (N.to_nat (bound_ s))).
  - destruct (N.eqb_spec (N.of_nat (N.to_nat (base_ s) + j)) (base_ s + a)), (N.eqb_spec (N.of_nat j) a);
    try reflexivity; lia.
  - destruct (_ =? _)%N; reflexivity.
Qed.

Lemma updN_again : forall l k, updN l k (at_ l k) = l.
Proof.
  intros l k. apply nth_ext_err. intro j. rewrite updN_nth. unfold at_. rewrite nthN_nth.
  destruct (N.eqb_spec (N.of_nat j) k) as [<-|]; [|reflexivity]. rewrite Nnat.Nat2N.id.
  destruct (nth_error l j); reflexivity.
Qed.
Lemma give_again : forall (s : St) r, give V s r (value_of s r) = s.
Proof.
  intros [e m p l b x g d] r. destruct r; simpl; rewrite ?updN_again; reflexivity.
Qed.
Lemma same_again_give : forall k f l r e (s : St), same_again k r e = true -> true_of k s ->
  give V s r (worth f l s e) = s.
Proof.
  unfold same_again; intros k f l r e s H T.
  destruct (fact k r) as [v|] eqn:F; [|discriminate]. destruct (surely k e) as [u|] eqn:E; [|discriminate].
  apply N.eqb_eq in H. subst u. rewrite (surely_worth k f l e v s E T), <- (T r v F). apply give_again.
Qed.

(** Calm code leaves the control state and storage out of bounds alone. *)
Lemma calm_alone : forall m k f, controls_only k -> forall c x x', calm m k c = true ->
  true_of k (at_present x) -> go f c x = Next x' -> left_alone (at_present x) (at_present x').
Proof.
  intros m k f C c. induction c; intros x x' Q A R; simpl in Q, R; try discriminate;
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
  - injection R as <-. apply alone_same; auto.
  - eapply IHc in R; auto.
  - assert (KS : left_alone (at_present x)
                   (give V (at_present x) r (worth f (locals_ x) (at_present x) e))).
    { destruct r; try discriminate;
      try (rewrite (same_again_give k) by assumption; apply alone_same; reflexivity).
      apply alone_same; reflexivity. }
    eapply alone_trans; [exact KS|]. eapply IHc in R; eauto using alone_true.
  - eapply IHc in R; [|assumption|].
    + destruct (_ <? _)%N in R; [|exact R].
      eapply alone_trans; [|exact R]. apply alone_same; reflexivity.
    + destruct (_ <? _)%N; [|exact A]. eapply alone_true; [exact C| |exact A].
      apply alone_same; reflexivity.
  - eapply IHc in R; auto.
  - destruct (nthN _ _); [|discriminate]. eapply IHc in R; auto.
  - destruct (nthN _ _) eqn:E; [|discriminate].
    pose proof (alone_store _ _ (worth f (locals_ x) (at_present x) e) _ E) as KS.
    eapply alone_trans; [exact KS|]. eapply IHc in R; eauto using alone_true.
  - match type of R with match Plain.go _ _ _ ?b _ with _ => _ end = _ =>
      destruct (go f b x) as [y|] eqn:E; [|discriminate] end.
    assert (KY : left_alone (at_present x) (at_present y)).
    { destruct (surely k e) as [v|] eqn:KE.
      - rewrite (surely_worth _ f (locals_ x) e v (at_present x) KE A) in E.
        destruct (v =? 0)%N; [eapply IHc2 in E|eapply IHc1 in E]; eauto.
      - repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
        destruct (_ =? 0)%N in E; [eapply IHc2 in E|eapply IHc1 in E]; eauto. }
    eapply alone_trans; [exact KY|]. eapply IHc3 in R; eauto using alone_true.
Qed.

(** Calm code cannot tell states apart that a program sees alike. *)
Definition together (o1 o2 : outcome (course V) tcause) : Prop :=
  match o1, o2 with
  | Next a, Next b =>
      same_to_program (at_present a) (at_present b) /\ locals_ a = locals_ b /\ onward a = onward b
  | Trap c, Trap d => c = d
  | _, _ => False
  end.

Lemma calm_together : forall m k f, controls_only k -> forall c x y, calm m k c = true ->
  true_of k (at_present x) -> true_of k (at_present y) ->
  same_to_program (at_present x) (at_present y) -> share m (at_present x) (at_present y) ->
  locals_ x = locals_ y -> onward x = onward y ->
  together (go f c x) (go f c y).
Proof.
  intros m k f C c. induction c; intros x y Q Ax Ay S SH L P; simpl in Q; try discriminate; simpl;
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end;
  repeat match goal with H : seeing m k ?e = true |- _ =>
    let E := fresh "E" in
    assert (E : worth f (locals_ x) (at_present x) e = worth f (locals_ y) (at_present y) e)
      by (rewrite L; eapply seeing_worth; eauto);
    rewrite ?E; clear H end.
  - auto.
  - apply IHc; simpl; auto; congruence.
  - destruct r; try discriminate;
    try (rewrite !(same_again_give k) by assumption; apply IHc; auto).
    match goal with H : seeing _ _ _ = true |- _ => rename H into B end.
    rewrite L, (seeing_worth m k f (locals_ y) e _ _ B S SH Ax Ay).
    apply IHc; simpl; auto.
    + intros r v F. rewrite <- (Ax r v F). pose proof (C r v F). destruct r; try contradiction; reflexivity.
    + intros r v F. rewrite <- (Ay r v F). pose proof (C r v F). destruct r; try contradiction; reflexivity.
    + destruct S as (S1 & S2 & S3). split; [exact S1|]. split; [exact S2|]. simpl. congruence.
  - match goal with |- context[if ?b then _ else _] => destruct b end; apply IHc; simpl; auto.
    + intros r v F. rewrite <- (Ax r v F). pose proof (C r v F). destruct r; try contradiction; reflexivity.
    + intros r v F. rewrite <- (Ay r v F). pose proof (C r v F). destruct r; try contradiction; reflexivity.
    + destruct S as (S1 & S2 & S3). split; [exact S1|]. split; [exact S2|]. simpl. congruence.
  - apply IHc; simpl; auto.
  - destruct S as (S1 & S2 & S3). rewrite S1.
    destruct (nthN _ _); [|reflexivity]. apply IHc; simpl; auto; [|congruence].
    split; [exact S1|auto].
  - pose proof S as (S1 & S2 & S3). rewrite S1.
    match goal with |- together (match nthN _ ?a with _ => _ end) _ => set (adr := a) end.
    destruct (nthN (reached (at_present y)) adr) as [w0|] eqn:N0; [|reflexivity].
    assert (N1 : nthN (reached (at_present x)) adr = Some w0) by (rewrite S1; exact N0).
    match goal with |- context[updN _ _ ?v] => set (new := v) end.
    apply IHc; simpl; auto.
    split; [|split; [exact S2|exact S3]].
    rewrite (reached_store _ _ _ _ N1), (reached_store _ _ _ _ N0), S1. reflexivity.
  - assert (SB : together
      (go f (if (worth f (locals_ x) (at_present x) e =? 0)%N then c2 else c1) x)
      (go f (if (worth f (locals_ y) (at_present y) e =? 0)%N then c2 else c1) y)).
    { destruct (surely k e) as [v|] eqn:KE.
      - rewrite !(surely_worth k _ _ e v _ KE) by assumption. destruct (v =? 0)%N; auto.
      - repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
        rewrite L, (seeing_worth m k f (locals_ y) e (at_present x) (at_present y)) by auto.
        match goal with |- context[if ?b then _ else _] => destruct b end; auto. }
    assert (KK : forall z z', true_of k (at_present z) ->
      go f (if (worth f (locals_ z) (at_present z) e =? 0)%N then c2 else c1) z = Next z' ->
      left_alone (at_present z) (at_present z')).
    { intros z z' Az R. destruct (surely k e) as [v|] eqn:KE.
      - rewrite (surely_worth k f (locals_ z) e v (at_present z) KE Az) in R.
        refine (calm_alone m k f C _ z z' _ Az R). destruct (v =? 0)%N; auto.
      - repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
        refine (calm_alone m k f C _ z z' _ Az R).
        match goal with |- context[if ?b then _ else _] => destruct b end; auto. }
    specialize (KK x) as Kx. specialize (KK y) as Ky.
    match goal with |- together (match ?a with _ => _ end) (match ?b with _ => _ end) =>
      change (together a b) in SB; destruct a as [x'|] eqn:Ex, b as [y'|] eqn:Ey end;
    simpl in SB; try contradiction; [|exact SB].
    destruct SB as (SB1 & SB2 & SB3). apply IHc3; auto; try (eapply alone_true; eauto).
    pose proof (Kx x' Ax eq_refl) as (_ & _ & _ & X1 & _). pose proof (Ky y' Ay eq_refl) as (_ & _ & _ & X2 & _).
    eapply share_kept; eassumption.
  - reflexivity.
Qed.

Lemma only_addresses_traps : forall f c x t, only_addresses c = true -> go f c x = Trap t ->
  is_fault I (fst t) = true.
Proof.
  intros f c. induction c; intros x cz M R; simpl in M, R; try discriminate;
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end; eauto.
  - destruct (nthN _ _); [eauto|]. injection R as <-. unfold is_fault. simpl. rewrite N.eqb_refl, !orb_true_r. reflexivity.
  - destruct (nthN _ _); [eauto|]. injection R as <-. unfold is_fault. simpl. rewrite N.eqb_refl, !orb_true_r. reflexivity.
  - destruct (w_in _ _ _ _). eauto.
  - match type of R with match Plain.go _ _ _ ?b _ with _ => _ end = _ =>
      destruct (go f b x) as [y|] eqn:E end; [eauto|].
    injection R as ->. destruct (_ =? 0)%N in E; eauto.
  - injection R as <-. exact M.
Qed.

Lemma closed_worth : forall f l f' l' e (s : St), closed e = true -> worth f l s e = worth f' l' s e.
Proof.
  intros f l f' l' e s. induction e; simpl; intro H; try discriminate; auto;
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end;
  try (rewrite IHe by assumption); try (rewrite IHe1, IHe2 by assumption); auto.
  rewrite IHe3 by assumption. reflexivity.
Qed.

(* ------------------------------------------------------------------ what user mode tells *)

Lemma all_fit_bit : forall ws xs k, all_fit ws xs = true -> nthN ws k = Some 1%N -> (at_ xs k < 2)%N.
Proof.
  unfold at_. intros ws xs k. rewrite !nthN_nth. generalize (N.to_nat k) as j. clear k.
  revert xs. induction ws as [|n ws IH]; intros [|x xs] [|j] A E; simpl in *; try discriminate; try lia;
  apply andb_prop in A; destruct A as (A1 & A2).
  - injection E as ->. apply N.ltb_lt in A1. exact A1.
  - exact (IH xs j A2 E).
Qed.
Lemma one_bit_value : forall r (s : St), within s = true -> one_bit r = true -> (value_of s r < 2)%N.
Proof.
  unfold Plain.within. intros r s W B.
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
  destruct r; simpl in B; try discriminate; simpl.
  - apply N.eqb_eq in B.
    match goal with H : fits (mode_width I) _ = true |- _ => rewrite B in H; apply N.ltb_lt in H; exact H end.
  - destruct (nthN (control_widths I) k) as [n|] eqn:E; [|discriminate]. apply N.eqb_eq in B. subst n.
    eapply all_fit_bit; eassumption.
Qed.

Definition true_pairs (k : facts) (s : St) : Prop := forall (r : reg) (v : N), List.In (r, v) k -> value_of s r = v.
Lemma pairs_facts : forall k s, true_pairs k s -> true_of k s.
Proof.
  intros k s T r v F. apply T. clear T. induction k as [|[r' v'] k IH]; simpl in F; [discriminate|].
  destruct (reg_eq_dec r' r) as [->|]; [injection F as ->; left; reflexivity|right; auto].
Qed.
Lemma pins_true : forall e (s : St), within s = true -> worth [] [] s e <> 0%N -> true_pairs (pins e) s.
Proof.
  intros e s W. induction e; simpl; intros H q u F; try contradiction.
  - destruct (one_bit r) eqn:B; [|contradiction]. destruct F as [F|[]]. injection F as <- <-.
    pose proof (one_bit_value r s W B). lia.
  - destruct w as [|[ | | ]]; try contradiction. destruct e; try contradiction.
    destruct (one_bit r) eqn:B; [|contradiction]. destruct F as [F|[]]. injection F as <- <-.
    pose proof (one_bit_value r s W B) as L. simpl in H.
    assert (X : value_of s r = 0%N \/ value_of s r = 1%N) by lia.
    destruct X as [X|X]; [exact X|]. rewrite X in H. exfalso. apply H. reflexivity.
  - destruct op; try contradiction.
    + apply in_app_iff in F. destruct F as [F|F]; [apply IHe1|apply IHe2]; auto;
      intro Z; apply H; simpl; rewrite Z; [reflexivity|apply N.land_0_r].
    + destruct e1; try contradiction. destruct e2; try contradiction.
      destruct F as [F|[]]. injection F as <- <-. simpl in H. unfold truth in H.
      match goal with H : context[(?a =? ?b)%N] |- _ => destruct (N.eqb_spec a b); [assumption|congruence] end.
Qed.
Lemma in_user_mode_true : forall s, within s = true -> user_state s -> true_of in_user_mode s.
Proof.
  intros s W U. unfold in_user_mode. destruct (control_only _); [|apply fact_nil].
  apply pairs_facts, pins_true; assumption.
Qed.
Lemma in_user_mode_controls : controls_only in_user_mode.
Proof.
  unfold in_user_mode. destruct (control_only (pins (is_user I))) eqn:C; [|intros r v F; discriminate].
  unfold control_only in C. rewrite forallb_forall in C. intros r v F.
  assert (List.In (r, v) (pins (is_user I))).
  { clear C. induction (pins (is_user I)) as [|[r' v'] k IH]; simpl in F; [discriminate|].
    destruct (reg_eq_dec r' r) as [->|]; [injection F as ->; left; reflexivity|right; auto]. }
  specialize (C (r, v) H). simpl in C. destruct r; auto; discriminate.
Qed.
Lemma nil_controls : controls_only []. Proof. intros r v H. discriminate. Qed.

(* ------------------------------------------------------------------ the classes *)

Notation P := (plain_processor I V).

Lemma seen_same : forall s1 s2 : St, seen P s1 = seen P s2 <-> same_to_program s1 s2.
Proof.
  intros s1 s2. unfold same_to_program. simpl. split; [intro H; injection H; auto|].
  intros (-> & -> & ->). reflexivity.
Qed.

Lemma calm_unchanged : forall m k o i (s s' : St), controls_only k ->
  find (encodes o) (table I) = Some i -> calm m k (code i) = true -> true_of k s ->
  carry_out o s = Next s' -> left_alone s s'.
Proof.
  intros m k o i s s' C F Q T E. unfold Plain.carry_out in E. rewrite F in E.
  destruct (go (field_values o i) (code i) (start I V i s)) as [x|] eqn:R; [|discriminate].
  injection E as <-.
  assert (K : left_alone s (at_present x))
    by exact (calm_alone m k _ C _ (start I V i s) x Q T R).
  eapply alone_trans; [exact K|]. apply alone_same; reflexivity.
Qed.
Lemma calm_same_end : forall m k o i (s1 s2 : St), controls_only k ->
  find (encodes o) (table I) = Some i -> calm m k (code i) = true -> share m s1 s2 -> true_of k s1 -> true_of k s2 ->
  seen P s1 = seen P s2 -> same_end P (carry_out o s1) (carry_out o s2).
Proof.
  intros m k o i s1 s2 C F Q SH T1 T2 S. apply seen_same in S. unfold Plain.carry_out. rewrite F.
  assert (B : together (go (field_values o i) (code i) (start I V i s1))
                       (go (field_values o i) (code i) (start I V i s2))).
  { apply (calm_together m k); auto. simpl. destruct S as (_ & -> & _). reflexivity. }
  destruct (go _ _ (start I V i s1)) as [x|], (go _ _ (start I V i s2)) as [y|];
  simpl in B; try contradiction; [|exact B].
  destruct B as ((B1 & B2 & B3) & B4 & B5).
  apply (proj2 (seen_same (give V (at_present x) RPc (onward x)) (give V (at_present y) RPc (onward y)))).
  split; [exact B1|]. split; [exact B5|exact B3].
Qed.

Lemma no_instruction : forall o, find (encodes o) (table I) = None -> ~ sensitive_in P o.
Proof.
  intros o F [(s & s' & _ & E & _)|(s1 & s2 & _ & _ & _ & D)].
  - simpl in E. unfold Plain.carry_out in E. rewrite F in E. discriminate.
  - apply D. simpl. unfold Plain.carry_out. rewrite F. reflexivity.
Qed.
Lemma calm_innocuous : forall o i, find (encodes o) (table I) = Some i ->
  calm [] [] (code i) = true -> ~ sensitive_in P o.
Proof.
  intros o i F Q [(s & s' & _ & E & C)|(s1 & s2 & _ & _ & S & D)].
  - exact (C (calm_unchanged [] [] o i s s' nil_controls F Q (fact_nil s) E)).
  - exact (D (calm_same_end [] [] o i s1 s2 nil_controls F Q (share_none s1 s2) (fact_nil s1) (fact_nil s2) S)).
Qed.
Lemma calm_in_user : forall o i, find (encodes o) (table I) = Some i ->
  calm [] in_user_mode (code i) = true -> ~ user_sensitive_in P o.
Proof.
  intros o i F Q [(s & s' & W & U & E & C)|(s1 & s2 & W1 & W2 & U1 & U2 & S & D)].
  - exact (C (calm_unchanged [] _ o i s s' in_user_mode_controls F Q (in_user_mode_true s W U) E)).
  - exact (D (calm_same_end [] _ o i s1 s2 in_user_mode_controls F Q (share_none s1 s2)
      (in_user_mode_true s1 W1 U1) (in_user_mode_true s2 W2 U2) S)).
Qed.

Lemma refusing_traps : forall o i, find (encodes o) (table I) = Some i ->
  refuses_user (code i) = true -> trapping_in P o.
Proof.
  intros o i F H s _ U. unfold refuses_user in H.
  destruct (code i) as [ | | | | | | | | |e body other r| | | ] eqn:C; try discriminate.
  destruct body; try discriminate. destruct other; try discriminate.
  apply andb_prop in H. destruct H as (H & K).
  destruct (expr_eq_dec e (is_user I)) as [->|]; [|discriminate].
  simpl in *. unfold Plain.carry_out. rewrite F, C. simpl.
  rewrite (closed_worth _ _ [] [] (is_user I) s) by assumption.
  unfold Plain.user_state in U. destruct (N.eqb_spec (worth [] [] s (is_user I)) 0); [contradiction|].
  eexists; reflexivity.
Qed.

Lemma guard_privileged : forall o i, find (encodes o) (table I) = Some i ->
  behind_guard (code i) = true -> privileged_in P o.
Proof.
  intros o i F H. unfold behind_guard in H.
  destruct (code i) as [ | | | | | | | | |e body other r| | | ] eqn:C; try discriminate.
  destruct body; try discriminate. destruct other; try discriminate.
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
  destruct (expr_eq_dec e (is_user I)) as [->|]; [|discriminate].
  split.
  - intros s _ U. simpl in *. unfold Plain.carry_out. rewrite F, C. simpl.
    rewrite (closed_worth _ _ [] [] (is_user I) s) by assumption.
    unfold Plain.user_state in U. destruct (N.eqb_spec (worth [] [] s (is_user I)) 0); [contradiction|].
    eexists; reflexivity.
  - intros s c _ U E. simpl in *. unfold Plain.carry_out in E. rewrite F, C in E. simpl in E.
    rewrite (closed_worth _ _ [] [] (is_user I) s) in E by assumption.
    unfold Plain.user_state in U.
    destruct (N.eqb_spec (worth [] [] s (is_user I)) 0) as [Z|Z]; [|exfalso; apply U; exact Z].
    simpl in E. destruct (go _ r _) as [|c'] eqn:R; [discriminate|]. injection E as ->.
    eapply only_addresses_traps; eauto.
Qed.

Theorem first_holds_sound : first_holds = true -> first_condition P.
Proof.
  intros H o S. destruct (find (encodes o) (table I)) as [i|] eqn:F.
  - unfold first_holds in H. rewrite forallb_forall in H.
    specialize (H i (proj1 (find_some _ _ F))). apply orb_prop in H. destruct H as [H|H].
    + exfalso. exact (calm_innocuous o i F H S).
    + exact (guard_privileged o i F H).
  - exfalso. exact (no_instruction o F S).
Qed.
Theorem third_holds_sound : third_holds = true -> third_condition P.
Proof.
  intros H o S. destruct (find (encodes o) (table I)) as [i|] eqn:F.
  - unfold third_holds in H. rewrite forallb_forall in H.
    specialize (H i (proj1 (find_some _ _ F))). apply orb_prop in H. destruct H as [H|H].
    + apply orb_prop in H. destruct H as [H|H].
      * exfalso. exact (calm_innocuous o i F H (user_sensitive_is_sensitive P o S)).
      * exact (guard_privileged o i F H).
    + exfalso. exact (calm_in_user o i F H S).
  - exfalso. exact (no_instruction o F (user_sensitive_is_sensitive P o S)).
Qed.

Theorem first_traps_sound : first_traps = true -> first_condition_in_user_mode P.
Proof.
  intros H o S. destruct (find (encodes o) (table I)) as [i|] eqn:F.
  - unfold first_traps in H. rewrite forallb_forall in H.
    specialize (H i (proj1 (find_some _ _ F))). apply orb_prop in H. destruct H as [H|H].
    + exfalso. exact (calm_innocuous o i F H S).
    + exact (refusing_traps o i F H).
  - exfalso. exact (no_instruction o F S).
Qed.
Theorem third_traps_sound : third_traps = true -> third_condition_in_user_mode P.
Proof.
  intros H o S. destruct (find (encodes o) (table I)) as [i|] eqn:F.
  - unfold third_traps in H. rewrite forallb_forall in H.
    specialize (H i (proj1 (find_some _ _ F))). apply orb_prop in H. destruct H as [H|H].
    + apply orb_prop in H. destruct H as [H|H].
      * exfalso. exact (calm_innocuous o i F H (user_sensitive_is_sensitive P o S)).
      * exact (refusing_traps o i F H).
    + exfalso. exact (calm_in_user o i F H S).
  - exfalso. exact (no_instruction o F (user_sensitive_is_sensitive P o S)).
Qed.

(* ------------------------------------------------------------------ refutation by a witness *)

Definition same_to_program_dec : forall s1 s2 : St, {same_to_program s1 s2} + {~ same_to_program s1 s2}.
Proof.
  intros. unfold same_to_program.
  destruct (list_eq_dec N.eq_dec (reached s1) (reached s2)); [|right; tauto].
  destruct (N.eq_dec (place s1) (place s2)); [|right; tauto].
  destruct (list_eq_dec N.eq_dec (visibles s1) (visibles s2)); [left|right]; tauto.
Defined.
Definition changes (o : N) (s : St) : bool :=
  match carry_out o s with
  | Next s' => negb ((mode_ s' =? mode_ s)%N && (base_ s' =? base_ s)%N && (bound_ s' =? bound_ s)%N &&
                     (if list_eq_dec N.eq_dec (controls s') (controls s) then true else false) &&
                     (if status_dec (fst (outside s')) (fst (outside s)) then true else false))
  | Trap _ => false
  end.
Definition parts (o : N) (s1 s2 : St) : bool :=
  match carry_out o s1, carry_out o s2 with
  | Next a, Next b => if same_to_program_dec a b then false else true
  | Trap c, Trap d => negb ((fst c =? fst d)%N && (snd c =? snd d)%N)
  | _, _ => true
  end.
Definition user_stateb (s : St) : bool := negb (worth [] [] s (is_user I) =? 0)%N.
(** A virtual state, and its image under f, in user mode; the instruction does not trap in it. *)
Definition witnesses (user_only : bool) (o : N) (sv sr : St) : bool :=
  within sv && within sr && (if same_to_program_dec sv sr then true else false) &&
  user_stateb sr && (if user_only then user_stateb sv else true) &&
  match carry_out o sr with Next _ => true | Trap _ => false end &&
  (changes o sv || changes o sr || parts o sv sr).

Lemma changes_sound : forall o (s : St), changes o s = true ->
  exists s', carry_out o s = Next s' /\ ~ left_alone s s'.
Proof.
  unfold changes; intros o s H. destruct (carry_out o s) as [s'|]; [|discriminate].
  exists s'. split; [reflexivity|]. intros (M & L & B & X & O & _). rewrite M, L, B, X, O, !N.eqb_refl in H.
  destruct (list_eq_dec N.eq_dec (controls s) (controls s)); [|congruence].
  destruct (status_dec (fst (outside s)) (fst (outside s))); [discriminate|congruence].
Qed.
Lemma parts_sound : forall o s1 s2, parts o s1 s2 = true ->
  ~ same_end P (carry_out o s1) (carry_out o s2).
Proof.
  unfold parts; intros o s1 s2 H.
  destruct (carry_out o s1) as [a|c], (carry_out o s2) as [b|d]; simpl; try tauto.
  - intro S. apply (proj1 (seen_same a b)) in S. destruct (same_to_program_dec a b); [discriminate|contradiction].
  - intros ->. rewrite !N.eqb_refl in H. discriminate.
Qed.

Lemma witnesses_sound : forall u o sv sr, witnesses u o sv sr = true ->
  ~ trapping_in P o /\ if u then user_sensitive_in P o else sensitive_in P o.
Proof.
  unfold witnesses, user_stateb; intros u o sv sr H.
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
  destruct (same_to_program_dec sv sr) as [S|]; [|discriminate]. apply seen_same in S.
  assert (UR : in_user P sr)
    by (intro Z; match goal with H : negb (worth _ _ sr _ =? 0)%N = true |- _ => rewrite Z in H; discriminate end).
  split.
  - intro T. destruct (T sr) as (c & E); [assumption|exact UR|].
    simpl in E. rewrite E in *. discriminate.
  - match goal with H : _ || _ = true |- _ => rename H into C end.
    assert (B : (exists s s', (s = sv \/ s = sr) /\ carry_out o s = Next s' /\ ~ left_alone s s') \/
                ~ same_end P (carry_out o sv) (carry_out o sr)).
    { apply orb_prop in C. destruct C as [C|C]; [apply orb_prop in C; destruct C as [C|C]|].
      - left. destruct (changes_sound o sv C) as (s' & E). exists sv, s'. tauto.
      - left. destruct (changes_sound o sr C) as (s' & E). exists sr, s'. tauto.
      - right. apply parts_sound, C. }
    destruct u.
    + assert (UV : in_user P sv)
        by (intro Z; match goal with H : negb (worth _ _ sv _ =? 0)%N = true |- _ => rewrite Z in H; discriminate end).
      destruct B as [(s & s' & [-> | ->] & E & CC)|D].
      * left. exists sv, s'. simpl. auto.
      * left. exists sr, s'. simpl. auto.
      * right. exists sv, sr. simpl. auto 10.
    + destruct B as [(s & s' & [-> | ->] & E & CC)|D].
      * left. exists sv, s'. simpl. auto.
      * left. exists sr, s'. simpl. auto.
      * right. exists sv, sr. simpl. auto.
Qed.

(** By a witness, both readings of a condition are refuted. *)
Theorem first_refuted_in_user_mode : forall o sv sr, witnesses false o sv sr = true ->
  ~ first_condition_in_user_mode P.
Proof. intros o sv sr H C. destruct (witnesses_sound _ _ _ _ H) as (N & S). exact (N (C o S)). Qed.
Theorem third_refuted_in_user_mode : forall o sv sr, witnesses true o sv sr = true ->
  ~ third_condition_in_user_mode P.
Proof. intros o sv sr H C. destruct (witnesses_sound _ _ _ _ H) as (N & S). exact (N (C o S)). Qed.
Theorem first_refuted : forall o sv sr, witnesses false o sv sr = true -> ~ first_condition P.
Proof.
  intros o sv sr H C. exact (first_refuted_in_user_mode o sv sr H (proj1 (conditions_in_user_mode P) C)).
Qed.
Theorem third_refuted : forall o sv sr, witnesses true o sv sr = true -> ~ third_condition P.
Proof.
  intros o sv sr H C. exact (third_refuted_in_user_mode o sv sr H (proj2 (conditions_in_user_mode P) C)).
Qed.
End Analysis.
