(** The classes of an exported description's instructions, by computation.

    [quiet] looks through an instruction's code for anything that reads or changes the control state;
    [guarded] for `privileged;` in front.  Both are proved sound, so the conditions of Theorems 1 and
    3 follow when a computation over the table of instructions gives [true].  Where they fail, a
    witness refutes them, by computation again. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification Word Tree Instance.

Section Analysis.
Context (I : isa) (V : world).
Notation w := (width I).
Notation St := (state N (list N) (devices V) (word w) (resources I)).
Notation Progress := (progress I V).
Notation now := (now I V). Notation locs := (locs I V). Notation goes_on := (goes_on I V).

(* ------------------------------------------------------------------ the computation *)

(** What is known of the mode: nothing, or which it is. *)
Definition knowledge := option mode.

(** The value of an expression that reads constants and a known mode only. *)
Fixpoint known (k : knowledge) (e : expr) : option N :=
  match e with
  | Const v => Some v
  | Reg RMode => option_map (mode_value I) k
  | Not n a => option_map (fun x => N.lxor x (N.ones n)) (known k a)
  | Slice low n a => option_map (fun x => trunc n (N.shiftr x low)) (known k a)
  | Zext a => known k a
  | Bin op n a b =>
      match known k a, known k b with Some x, Some y => Some (apply op n x y) | _, _ => None end
  | _ => None
  end.

(** Is an expression made of what the program sees (and a known mode)? *)
Fixpoint blind (k : knowledge) (e : expr) : bool :=
  match e with
  | Const _ | Field _ | Local _ => true
  | Reg r => match r with
             | RPc | RVisible _ => true
             | RMode => match k with Some _ => true | None => false end
             | _ => false
             end
  | Size => false
  | Elem _ _ a | Not _ a | Neg _ a | Slice _ _ a | Zext a | Sext _ _ a => blind k a
  | Bin _ _ a b | Concat _ a b => blind k a && blind k b
  | Ite c a b => blind k c && blind k a && blind k b
  end.

(** M may be set only to what it is. *)
Definition keeps_mode (k : knowledge) (e : expr) : bool :=
  match k, known k e with
  | Some Usr, Some v => match mode_of I v with Usr => true | Sup => false end
  | Some Sup, Some v => match mode_of I v with Sup => true | Usr => false end
  | _, _ => false
  end.

Fixpoint quiet (k : knowledge) (c : stmt) : bool :=
  match c with
  | Done => true
  | Let _ e r | Goto e r | Load _ e r => blind k e && quiet k r
  | SetReg g e r =>
      match g with RVisible _ => blind k e | RMode => keeps_mode k e | _ => false end && quiet k r
  | SetElem _ _ i e r | Store i e r => blind k i && blind k e && quiet k r
  | In _ _ _ _ | Out _ _ _ _ | Halt _ _ | Wait _ => false
  | If e body other r =>
      match known k e with
      | Some v => quiet k (if (v =? 0)%N then other else body)
      | None => blind k e && quiet k body && quiet k other
      end && quiet k r
  | TrapTo _ e => blind k e
  end.

(** Does a piece of code trap at bad addresses only? *)
Fixpoint memory_only (c : stmt) : bool :=
  match c with
  | Done => true
  | Let _ _ r | SetReg _ _ r | SetElem _ _ _ _ r | Goto _ r | Load _ _ r | Store _ _ r
  | In _ _ _ r | Out _ _ _ r | Halt _ r | Wait r => memory_only r
  | If _ b o r => memory_only b && memory_only o && memory_only r
  | TrapTo _ _ => false
  end.

(** `privileged;` in front, and only memory traps behind it. *)
Definition guarded (c : stmt) : bool :=
  match c with
  | If e (TrapTo _ _) Done r =>
      match known (Some Usr) e, known (Some Sup) e with
      | Some u, Some s => negb (u =? 0)%N && (s =? 0)%N && memory_only r
      | _, _ => false
      end
  | _ => false
  end.

Definition condition1 : bool :=
  forallb (fun i => quiet None (code i) || guarded (code i)) (instructions I).
Definition condition3 : bool :=
  forallb (fun i => quiet None (code i) || guarded (code i) || quiet (Some Usr) (code i))
          (instructions I).

(* ------------------------------------------------------------------ it is sound *)

Definition agrees (k : knowledge) (s : St) : Prop :=
  match k with Some m => pm (st s) = m | None => True end.

(** What two states must share for a program not to tell them apart. *)
Definition alike (s1 s2 : St) : Prop :=
  reach I V s1 = reach I V s2 /\ pp (st s1) = pp (st s2) /\ regs s1 = regs s2.

Lemma known_eval : forall k f l e v (s : St), known k e = Some v -> agrees k s ->
  eval I V f l s e = v.
Proof.
  intros k f l e. induction e; intros v0 s H A; simpl in H; try discriminate; simpl.
  - congruence.
  - destruct r; try discriminate. destruct k as [m|]; [|discriminate]. simpl in *. congruence.
  - destruct (known k e); [|discriminate]. injection H as <-. rewrite (IHe n s); auto.
  - destruct (known k e); [|discriminate]. injection H as <-. rewrite (IHe n s); auto.
  - auto.
  - destruct (known k e1) as [a|], (known k e2) as [b|]; try discriminate.
    injection H as <-. rewrite (IHe1 a s), (IHe2 b s); auto.
Qed.

Lemma blind_eval : forall k f l e s1 s2, blind k e = true -> alike s1 s2 ->
  agrees k s1 -> agrees k s2 -> eval I V f l s1 e = eval I V f l s2 e.
Proof.
  intros k f l e s1 s2 B (H1 & H2 & H3) A1 A2.
  induction e; simpl in *; try discriminate; auto;
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end;
  try (rewrite IHe by assumption); try (rewrite IHe1, IHe2 by assumption); auto.
  - destruct r; simpl; try discriminate; try congruence.
    destruct k; [simpl in *; congruence|discriminate].
  - rewrite H3. reflexivity.
  - rewrite IHe3 by assumption. reflexivity.
Qed.

Definition kept (s s' : St) : Prop :=
  pr (st s') = pr (st s) /\ pm (st s') = pm (st s) /\ dev s' = dev s /\
  firstn (N.to_nat (rr_base I (pr (st s)))) (mem s') =
  firstn (N.to_nat (rr_base I (pr (st s)))) (mem s) /\
  skipn (N.to_nat (rr_base I (pr (st s))) + N.to_nat (rr_bound I (pr (st s)))) (mem s') =
  skipn (N.to_nat (rr_base I (pr (st s))) + N.to_nat (rr_bound I (pr (st s)))) (mem s).
Lemma kept_same : forall s s' : St, st s' = st s -> dev s' = dev s -> mem s' = mem s -> kept s s'.
Proof. unfold kept; intros s s' -> -> ->. auto. Qed.
Lemma kept_trans : forall a b c, kept a b -> kept b c -> kept a c.
Proof.
  unfold kept; intros a b c (A1 & A2 & A3 & A4 & A5) (B1 & B2 & B3 & B4 & B5).
  rewrite A1, ?A2, ?A3 in *. repeat split; congruence.
Qed.
Lemma kept_agrees : forall k s s', kept s s' -> agrees k s -> agrees k s'.
Proof. intros [m|] s s' (_ & H & _) A; simpl in *; congruence. Qed.

Lemma reach_nth : forall (s : St) a, nthN (reach I V s) a =
  if (a <? rr_bound I (pr (st s)))%N
  then nth_error (mem s) (N.to_nat (rr_base I (pr (st s)) + a)) else None.
Proof.
  intros. unfold reach. rewrite nthN_nth, sliceN_slice, nth_slice.
  destruct (N.ltb_spec a (rr_bound I (pr (st s)))), (Nat.ltb_spec (N.to_nat a)
    (N.to_nat (rr_bound I (pr (st s))))); try lia; auto.
  f_equal. lia.
Qed.

Lemma kept_store : forall (s : St) a v x, nthN (reach I V s) a = Some x ->
  kept s (with_mem I V s (updN (mem s) (rr_base I (pr (st s)) + a) v)).
Proof.
  intros s a v x H. rewrite reach_nth in H.
  destruct (N.ltb_spec a (rr_bound I (pr (st s)))) as [B|]; [|discriminate].
  unfold kept. repeat split; simpl; apply nth_ext_err; intro j.
  - rewrite !nth_error_firstn', updN_nth.
    destruct (Nat.ltb_spec j (N.to_nat (rr_base I (pr (st s))))); auto.
    destruct (N.eqb_spec (N.of_nat j) (rr_base I (pr (st s)) + a)); [lia|reflexivity].
  - rewrite !nth_error_skipn', updN_nth.
    match goal with |- context[(?x =? ?y)%N] => destruct (N.eqb_spec x y); [lia|reflexivity] end.
Qed.

Lemma reach_store : forall (s : St) a v x, nthN (reach I V s) a = Some x ->
  reach I V (with_mem I V s (updN (mem s) (rr_base I (pr (st s)) + a) v))
  = updN (reach I V s) a v.
Proof.
  intros s a v x H. rewrite reach_nth in H.
  destruct (N.ltb_spec a (rr_bound I (pr (st s)))) as [B|]; [|discriminate].
  apply nth_ext_err. intro j. rewrite updN_nth. unfold reach, with_mem. cbn [mem st].
  rewrite !sliceN_slice, !nth_slice, updN_nth.
  destruct (Nat.ltb_spec j (N.to_nat (rr_bound I (pr (st s))))).
  - destruct (N.eqb_spec (N.of_nat (N.to_nat (rr_base I (pr (st s))) + j))
        (rr_base I (pr (st s)) + a)), (N.eqb_spec (N.of_nat j) a); try reflexivity; lia.
  - destruct (_ =? _)%N; reflexivity.
Qed.

Lemma keeps_mode_set : forall k f l e (s : St), keeps_mode k e = true -> agrees k s ->
  mode_of I (eval I V f l s e) = pm (st s).
Proof.
  unfold keeps_mode; intros [m|] f l e s H A; [|discriminate].
  destruct m; destruct (known _ e) as [v|] eqn:K; try discriminate;
  rewrite (known_eval _ f l e v s K A); simpl in A; rewrite A;
  destruct (mode_of I v); congruence.
Qed.

(** Quiet code leaves the control state and storage out of bounds alone. *)
Lemma quiet_kept : forall k f c x x', quiet k c = true -> agrees k (now x) ->
  run I V f c x = Next x' -> kept (now x) (now x').
Proof.
  intros k f c. induction c; intros x x' Q A R; simpl in Q, R; try discriminate;
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
  - injection R as <-. apply kept_same; auto.
  - eapply IHc in R; auto.
  - assert (KS : kept (now x) (set I V (now x) r (eval I V f (locs x) (now x) e))).
    { destruct r; try discriminate; [|apply kept_same; reflexivity].
      apply kept_same; simpl; auto.
      match goal with H : keeps_mode _ _ = true |- _ =>
        rewrite (keeps_mode_set k f (locs x) e (now x) H A) end.
      destruct (now x) as [m g d [a b p]]; reflexivity. }
    eapply kept_trans; [exact KS|]. eapply IHc in R; eauto using kept_agrees.
  - eapply IHc in R; [| assumption|].
    + destruct (_ <? _)%N in R; [|exact R].
      eapply kept_trans; [|exact R]. apply kept_same; reflexivity.
    + destruct (_ <? _)%N; exact A.
  - eapply IHc in R; auto.
  - destruct (nthN _ _); [|discriminate]. eapply IHc in R; auto.
  - destruct (nthN _ _) eqn:E; [|discriminate].
    pose proof (kept_store _ _ (eval I V f (locs x) (now x) e) _ E) as KS.
    eapply kept_trans; [exact KS|]. eapply IHc in R; eauto using kept_agrees.
  - match type of R with match run _ _ _ ?b _ with _ => _ end = _ =>
      destruct (run I V f b x) as [y|] eqn:E; [|discriminate] end.
    assert (KY : kept (now x) (now y)).
    { destruct (known k e) as [v|] eqn:KE.
      - rewrite (known_eval _ f (locs x) e v (now x) KE A) in E.
        destruct (v =? 0)%N; [eapply IHc2 in E|eapply IHc1 in E]; eauto.
      - repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
        destruct (_ =? 0)%N in E; [eapply IHc2 in E|eapply IHc1 in E]; eauto. }
    eapply kept_trans; [exact KY|]. eapply IHc3 in R; eauto using kept_agrees.
Qed.

(** Quiet code cannot tell states apart that look alike. *)
Definition in_step (o1 o2 : outcome Progress tcause) : Prop :=
  match o1, o2 with
  | Next a, Next b => alike (now a) (now b) /\ locs a = locs b /\ goes_on a = goes_on b
  | Trap c, Trap d => c = d
  | _, _ => False
  end.

Lemma quiet_alike : forall k f c x y, quiet k c = true -> agrees k (now x) -> agrees k (now y) ->
  alike (now x) (now y) -> locs x = locs y -> goes_on x = goes_on y ->
  in_step (run I V f c x) (run I V f c y).
Proof.
  intros k f c. induction c; intros x y Q Ax Ay S L P; simpl in Q; try discriminate; simpl;
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end;
  repeat match goal with H : blind k ?e = true |- _ =>
    let E := fresh "E" in
    assert (E : eval I V f (locs x) (now x) e = eval I V f (locs y) (now y) e)
      by (rewrite L; eapply blind_eval; eauto);
    rewrite ?E; clear H end.
  - auto.
  - apply IHc; simpl; auto; congruence.
  - apply IHc; auto.
    + destruct r; try discriminate; [|exact Ax]. simpl. destruct k; simpl in *; auto.
      rewrite (keeps_mode_set (Some m) f (locs x) e (now x)); auto.
    + destruct r; try discriminate; [|exact Ay]. simpl. destruct k; simpl in *; auto.
      rewrite (keeps_mode_set (Some m) f (locs y) e (now y)); auto.
    + destruct S as (S1 & S2 & S3). destruct r; try discriminate; simpl.
      * unfold alike. simpl. auto.
      * unfold alike. simpl. split; [exact S1|]. split; [exact S2|].
        rewrite L, (blind_eval k f (locs y) e (now x) (now y)), S3; auto. repeat split; auto.
  - destruct (_ <? _)%N; [|apply IHc; auto].
    apply IHc; simpl; auto. destruct S as (S1 & S2 & S3). unfold alike; simpl.
    rewrite S3. auto.
  - apply IHc; simpl; auto.
  - destruct S as (S1 & S2 & S3). rewrite S1. destruct (nthN _ _); [|reflexivity].
    apply IHc; simpl; auto; [repeat split; auto|congruence].
  - pose proof S as (S1 & S2 & S3).
    match goal with |- context[nthN (reach I V (now x)) ?a] => set (ad := a) end.
    destruct (nthN (reach I V (now x)) ad) as [v|] eqn:N1;
    pose proof N1 as N2; rewrite S1 in N2; rewrite N2; [|reflexivity].
    apply IHc; auto. unfold alike. cbn [now at_state Tree.now].
    rewrite (reach_store _ _ _ _ N1), (reach_store _ _ _ _ N2). simpl. rewrite S1. auto.
  - assert (SB : in_step
      (run I V f (if (eval I V f (locs x) (now x) e =? 0)%N then c2 else c1) x)
      (run I V f (if (eval I V f (locs y) (now y) e =? 0)%N then c2 else c1) y)).
    { destruct (known k e) as [v|] eqn:KE.
      - rewrite (known_eval _ f (locs x) e v (now x) KE Ax).
        rewrite (known_eval _ f (locs y) e v (now y) KE Ay).
        destruct (v =? 0)%N; auto.
      - repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
        replace (eval I V f (locs x) (now x) e) with (eval I V f (locs y) (now y) e)
          by (rewrite L; symmetry; eapply blind_eval; eauto).
        destruct (_ =? 0)%N; auto. }
    assert (KK : forall z z', agrees k (now z) ->
      run I V f (if (eval I V f (locs z) (now z) e =? 0)%N then c2 else c1) z = Next z' ->
      agrees k (now z')).
    { intros z z' Az R. eapply kept_agrees; [|exact Az].
      destruct (known k e) as [v|] eqn:KE.
      - rewrite (known_eval _ f (locs z) e v (now z) KE Az) in R.
        refine (quiet_kept k f _ z z' _ Az R). destruct (v =? 0)%N; auto.
      - repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
        refine (quiet_kept k f _ z z' _ Az R).
        match goal with |- context[if ?b then _ else _] => destruct b end; auto. }
    specialize (KK x) as Kx. specialize (KK y) as Ky.
    match goal with |- in_step (match ?a with _ => _ end) (match ?b with _ => _ end) =>
      change (in_step a b) in SB; destruct a as [x'|] eqn:Ex, b as [y'|] eqn:Ey end;
    simpl in SB; try contradiction; [|exact SB].
    destruct SB as (SB1 & SB2 & SB3). apply IHc3; auto.
  - reflexivity.
Qed.

(** Code without traps traps only at bad addresses. *)
Lemma memory_only_traps : forall f c x t, memory_only c = true -> run I V f c x = Trap t ->
  fst t = memory I.
Proof.
  intros f c. induction c; intros x cz M R; simpl in M, R; try discriminate;
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end; eauto.
  - destruct (nthN _ _); [eauto|]. injection R as <-. reflexivity.
  - destruct (nthN _ _); [eauto|]. injection R as <-. reflexivity.
  - destruct (w_in _ _ _ _). eauto.
  - match type of R with match run _ _ _ ?b _ with _ => _ end = _ =>
      destruct (run I V f b x) as [y|] eqn:E end; [eauto|].
    injection R as ->. destruct (_ =? 0)%N in E; eauto.
Qed.

(* ------------------------------------------------------------------ the classes *)

Hypothesis ok : sequence_ok I = true.
Notation A := (architecture I V ok).

Lemma view_alike : forall s1 s2 : St, same_view A s1 s2 <-> alike s1 s2.
Proof.
  intros s1 s2. unfold same_view, alike. rewrite !window_reach. reflexivity.
Qed.

Lemma quiet_control : forall k o i (s s' : St), find (encodes o) (instructions I) = Some i ->
  quiet k (code i) = true -> agrees k s -> execute I V o s = Next s' -> ~ control_change A s s'.
Proof.
  intros k o i s s' F Q Ag E. unfold execute in E. rewrite F in E.
  destruct (run I V (field_values o i) (code i) (begun I V i s)) as [x|] eqn:R; [|discriminate].
  injection E as <-. destruct (quiet_kept k _ _ _ _ Q (Ag : agrees k (now (begun I V i s))) R)
    as (K1 & K2 & K3 & K4 & K5).
  unfold control_change, outside_same. intros [C|[C|[C|C]]]; apply C; auto.
Qed.

Lemma quiet_outcome : forall k o i (s1 s2 : St), find (encodes o) (instructions I) = Some i ->
  quiet k (code i) = true -> agrees k s1 -> agrees k s2 -> same_view A s1 s2 ->
  same_outcome A (execute I V o s1) (execute I V o s2).
Proof.
  intros k o i s1 s2 F Q A1 A2 S. apply view_alike in S. unfold execute. rewrite F.
  assert (B : in_step (run I V (field_values o i) (code i) (begun I V i s1))
                      (run I V (field_values o i) (code i) (begun I V i s2))).
  { apply (quiet_alike k); auto. unfold begun. simpl. destruct S as (_ & S & _).
    unfold after. f_equal. f_equal. exact (f_equal val S). }
  destruct (run I V _ _ (begun I V i s1)) as [x|], (run I V _ _ (begun I V i s2)) as [y|];
  simpl in B; try contradiction; [|exact B].
  destruct B as ((B1 & B2 & B3) & B4 & B5). apply view_alike.
  split; [exact B1|]. split; [|exact B3].
  simpl. rewrite B5. reflexivity.
Qed.

Lemma illegal_innocuous : forall o, find (encodes o) (instructions I) = None -> innocuous A o.
Proof.
  intros o F [(s & s' & E & _)|(s1 & s2 & _ & D)].
  - simpl in E. unfold execute in E. rewrite F in E. discriminate.
  - apply D. simpl. unfold execute. rewrite F. reflexivity.
Qed.

Lemma quiet_innocuous : forall o i, find (encodes o) (instructions I) = Some i ->
  quiet None (code i) = true -> innocuous A o.
Proof.
  intros o i F Q [(s & s' & E & C)|(s1 & s2 & S & D)].
  - exact (quiet_control None o i s s' F Q Logic.I E C).
  - exact (D (quiet_outcome None o i s1 s2 F Q Logic.I Logic.I S)).
Qed.

Lemma quiet_not_user_sensitive : forall o i, find (encodes o) (instructions I) = Some i ->
  quiet (Some Usr) (code i) = true -> ~ user_sensitive A o.
Proof.
  intros o i F Q [(s & s' & U & E & C)|(s1 & s2 & U1 & U2 & S & D)].
  - exact (quiet_control (Some Usr) o i s s' F Q U E C).
  - exact (D (quiet_outcome (Some Usr) o i s1 s2 F Q U1 U2 S)).
Qed.

Lemma guarded_privileged : forall o i, find (encodes o) (instructions I) = Some i ->
  guarded (code i) = true -> privileged A o.
Proof.
  intros o i F H. unfold guarded in H.
  destruct (code i) as [ | | | | | | | | |e body other r| | | ] eqn:C; try discriminate.
  destruct body; try discriminate. destruct other; try discriminate.
  destruct (known (Some Usr) e) as [u|] eqn:KU; [|discriminate].
  destruct (known (Some Sup) e) as [v|] eqn:KS; [|discriminate].
  apply andb_prop in H. destruct H as (H & M). apply andb_prop in H. destruct H as (NZ & Z).
  split.
  - intros s U. simpl. unfold execute. rewrite F, C. simpl.
    rewrite (known_eval (Some Usr) _ _ e u s KU U). destruct (u =? 0)%N; [discriminate|].
    eexists; reflexivity.
  - intros s c S E. simpl in E. unfold execute in E. rewrite F, C in E. simpl in E.
    rewrite (known_eval (Some Sup) _ _ e v s KS S), Z in E. simpl in E.
    destruct (run I V _ r _) as [|c'] eqn:R; [discriminate|]. injection E as ->.
    simpl. apply N.eqb_eq. eapply memory_only_traps; eauto.
Qed.

Theorem condition1_sound : condition1 = true -> virtualizable A.
Proof.
  intros H o S. destruct (find (encodes o) (instructions I)) as [i|] eqn:F.
  - unfold condition1 in H. rewrite forallb_forall in H.
    specialize (H i (proj1 (find_some _ _ F))). apply orb_prop in H. destruct H as [H|H].
    + exfalso. exact (quiet_innocuous o i F H S).
    + exact (guarded_privileged o i F H).
  - exfalso. exact (illegal_innocuous o F S).
Qed.

Theorem condition3_sound : condition3 = true -> hybrid_virtualizable A.
Proof.
  intros H o S. destruct (find (encodes o) (instructions I)) as [i|] eqn:F.
  - unfold condition3 in H. rewrite forallb_forall in H.
    specialize (H i (proj1 (find_some _ _ F))). apply orb_prop in H. destruct H as [H|H].
    + apply orb_prop in H. destruct H as [H|H].
      * exfalso. exact (quiet_innocuous o i F H (user_sensitive_sensitive A o S)).
      * exact (guarded_privileged o i F H).
    + exfalso. exact (quiet_not_user_sensitive o i F H S).
  - exfalso. exact (illegal_innocuous o F (user_sensitive_sensitive A o S)).
Qed.

(* ------------------------------------------------------------------ refutation by a witness *)

(** A virtual state, and its image under f, which is in user mode and looks the same; the instruction
    does not trap in the image. *)
Definition control_changed (s s' : St) : bool :=
  negb (if rr_dec I (pr (st s')) (pr (st s)) then true else false) ||
  negb (if mode_dec (pm (st s')) (pm (st s)) then true else false).
Definition changes_control (o : N) (s : St) : bool :=
  match execute I V o s with Next s' => control_changed s s' | Trap _ => false end.
Definition alike_dec : forall s1 s2 : St, {alike s1 s2} + {~ alike s1 s2}.
Proof.
  intros. unfold alike.
  destruct (list_eq_dec N.eq_dec (reach I V s1) (reach I V s2)); [|right; tauto].
  destruct (word_dec w (pp (st s1)) (pp (st s2))); [|right; tauto].
  destruct (list_eq_dec N.eq_dec (regs s1) (regs s2)); [left|right]; tauto.
Defined.
Definition tells_apart (o : N) (s1 s2 : St) : bool :=
  match execute I V o s1, execute I V o s2 with
  | Next a, Next b => if alike_dec a b then false else true
  | Trap c, Trap d => negb ((fst c =? fst d)%N && (snd c =? snd d)%N)
  | _, _ => true
  end.
Definition refutes (user_only : bool) (o : N) (sv sr : St) : bool :=
  (if alike_dec sv sr then true else false) &&
  (if mode_dec (pm (st sr)) Usr then true else false) &&
  (if user_only then if mode_dec (pm (st sv)) Usr then true else false else true) &&
  match execute I V o sr with Next _ => true | Trap _ => false end &&
  (changes_control o sv || changes_control o sr || tells_apart o sv sr).

Lemma control_changed_sound : forall s s' : St, control_changed s s' = true ->
  control_change A s s'.
Proof.
  unfold control_changed, control_change; intros s s' H. apply orb_prop in H. destruct H as [H|H].
  - left. destruct (rr_dec _ _ _); [discriminate|assumption].
  - right; left. destruct (mode_dec _ _); [discriminate|assumption].
Qed.
Lemma changes_control_sound : forall o (s : St), changes_control o s = true ->
  exists s', exec A o s = Next s' /\ control_change A s s'.
Proof.
  unfold changes_control; intros o s H. simpl. destruct (execute I V o s) as [s'|]; [|discriminate].
  exists s'. split; [reflexivity|apply control_changed_sound; exact H].
Qed.

Lemma tells_apart_sound : forall o s1 s2, tells_apart o s1 s2 = true ->
  ~ same_outcome A (exec A o s1) (exec A o s2).
Proof.
  unfold tells_apart; intros o s1 s2 H. simpl.
  destruct (execute I V o s1) as [a|c], (execute I V o s2) as [b|d]; simpl; try tauto.
  - rewrite view_alike. destruct (alike_dec a b); [discriminate|assumption].
  - intros ->. rewrite !N.eqb_refl in H. discriminate.
Qed.

Lemma refutes_sound : forall u o sv sr, refutes u o sv sr = true ->
  ~ privileged A o /\ if u then user_sensitive A o else sensitive A o.
Proof.
  unfold refutes; intros u o sv sr H.
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
  destruct (alike_dec sv sr) as [S|]; [|discriminate]. apply view_alike in S.
  destruct (mode_dec (pm (st sr)) Usr) as [U|]; [|discriminate].
  split.
  - intros (T & _). destruct (T sr U) as (c & E). simpl in E. rewrite E in *. discriminate.
  - match goal with H : _ || _ = true |- _ => rename H into C end.
    assert (B : (exists s s', (s = sv \/ s = sr) /\ exec A o s = Next s' /\ control_change A s s') \/
                ~ same_outcome A (exec A o sv) (exec A o sr)).
    { apply orb_prop in C. destruct C as [C|C]; [apply orb_prop in C; destruct C as [C|C]|].
      - left. destruct (changes_control_sound o sv C) as (s' & E). exists sv, s'. tauto.
      - left. destruct (changes_control_sound o sr C) as (s' & E). exists sr, s'. tauto.
      - right. apply tells_apart_sound, C. }
    destruct u.
    + destruct (mode_dec (pm (st sv)) Usr) as [UV|]; [|discriminate].
      destruct B as [(s & s' & [-> | ->] & E & CC)|D].
      * left. exists sv, s'. auto.
      * left. exists sr, s'. auto.
      * right. exists sv, sr. auto.
    + destruct B as [(s & s' & _ & E & CC)|D].
      * left. exists s, s'. auto.
      * right. exists sv, sr. auto.
Qed.

Theorem condition1_refuted : forall o sv sr, refutes false o sv sr = true -> ~ virtualizable A.
Proof. intros o sv sr H C. destruct (refutes_sound _ _ _ _ H) as (N & S). exact (N (C o S)). Qed.
Theorem condition3_refuted : forall o sv sr, refutes true o sv sr = true ->
  ~ hybrid_virtualizable A.
Proof. intros o sv sr H C. destruct (refutes_sound _ _ _ _ H) as (N & S). exact (N (C o S)). Qed.
End Analysis.
