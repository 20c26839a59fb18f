(** The translation of a description, and the paper's relocation.

    [reach] is what a program reaches by R = (l, b): E[l] to E[l+b-1], cut off at the end of
    storage.  The typed tree says the same in its own words, with one bit more than a word, so that
    l + a cannot wrap; here the two are joined. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Word Tree Analysis Plain PlainAnalysis.
Local Open Scope N_scope.

(** What `translate` must be: local 0 is the address, 1 the kind of access, 3 the sum. *)
Definition standard_translate (w memory result sum : N) : stmt :=
  let refuse := TrapTo memory (Local 0) in
  If (Bin Ule w (Reg RBound) (Local 0)) refuse Done
  (Let sum (Bin Add (w + 1) (Zext (Local 0)) (Zext (Reg RBase)))
  (If (Bin Ule (w + 1) Size (Local sum)) refuse Done
  (Let result (Slice 0 w (Local sum))
  Done))).

(** The same, where both are looked at together. *)
Definition translate_at_once (w memory result sum : N) : stmt :=
  Let sum (Bin Add (w + 1) (Zext (Local 0)) (Zext (Reg RBase)))
  (If (Bin Or 1 (Bin Ule w (Reg RBound) (Local 0)) (Bin Ule (w + 1) Size (Local sum)))
      (TrapTo memory (Local 0)) Done
  (Let result (Slice 0 w (Local sum))
  Done)).
(** The same without the bit more: a sum that is less than the address has wrapped. *)
Definition translate_wrapping (w memory result sum : N) : stmt :=
  let refuse := TrapTo memory (Local 0) in
  If (Bin Ule w (Reg RBound) (Local 0)) refuse Done
  (Let sum (Bin Add w (Local 0) (Reg RBase))
  (If (Bin Or 1 (Bin Ult w (Local sum) (Local 0)) (Bin Ule w Size (Local sum))) refuse Done
  (Let result (Local sum)
  Done))).
Definition is_the_papers (w memory : N) (c : stmt) : Prop :=
  c = standard_translate w memory 2 3 \/ c = translate_at_once w memory 2 3 \/
  c = translate_wrapping w memory 2 3.

Section Translation.
Context (I : isa) (V : world).
Notation w := (width I).
Notation St := (state N (list N) (devices V) (word w) (resources I)).
Hypothesis standard : translate I = standard_translate w (memory I) 2 3.
Hypothesis results : result_local I = 2.

Theorem translate_reaches : forall (s : St) a access p,
  fits w a = true -> N.of_nat (length (mem s)) <= 2 ^ w ->
  run I V [] (translate I) {| now := s; locs := [a; access; 0; 0]; goes_on := p |} =
  match nthN (reach I V s) a with
  | Some _ => Next {| now := s; locs := [a; access; rr_base I (pr (st s)) + a;
                                         rr_base I (pr (st s)) + a]; goes_on := p |}
  | None => Trap (memory I, a)
  end.
Proof.
  intros s a access p Fa Q. rewrite standard. unfold standard_translate. rewrite reach_nth.
  assert (FL : rr_base I (pr (st s)) < 2 ^ w).
  { destruct (pr (st s)) as [[[l b] x] H]. pose proof H as F. simpl in F.
    apply andb_prop in F. destruct F as (F & _). apply andb_prop in F. destruct F as (F & _).
    apply N.ltb_lt. exact F. }
  apply N.ltb_lt in Fa. set (l := rr_base I (pr (st s))) in *.
  assert (SUM : trunc (w + 1) (a + l) = l + a).
  { rewrite trunc_small; [lia|]. apply N.ltb_lt. rewrite N.pow_add_r. simpl. lia. }
  cbn [run eval now locs goes_on at_ nthN apply get].
  change (at_ [a; access; 0; 0] 0) with a. fold l.
  destruct (N.ltb_spec a (rr_bound I (pr (st s)))) as [B|B].
  - replace (rr_bound I (pr (st s)) <=? a) with false by (symmetry; apply N.leb_gt; exact B).
    change (truth false =? 0) with true. cbv iota. cbn [run].
    set (x := at_local _ _ _ _ _).
    assert (LX : at_ (locs I V x) 3 = l + a)
      by (transitivity (trunc (w + 1) (a + l)); [reflexivity|exact SUM]).
    cbn [eval apply get]. rewrite LX. change (now I V x) with s.
    destruct (N.leb_spec (N.of_nat (length (mem s))) (l + a)) as [E|E].
    + rewrite nth_none by lia. reflexivity.
    + destruct (nth_error (mem s) (N.to_nat (l + a))) eqn:NE;
        [|apply nth_error_None in NE; lia].
      change (truth false =? 0) with true. cbv iota. cbn [run].
      cbn [eval]. rewrite LX. rewrite N.shiftr_0_r, trunc_small by (apply N.ltb_lt; lia).
      unfold x. cbn [eval]. unfold at_local. cbn [now locs goes_on].
      change (at_ [a; access; 0; 0] 0) with a. fold l.
      rewrite SUM. reflexivity.
  - replace (rr_bound I (pr (st s)) <=? a) with true by (symmetry; apply N.leb_le; exact B).
    reflexivity.
Qed.
End Translation.

(** The same of a plain machine. *)
Section PlainTranslation.
Context (I : plain) (V : world).
Notation w := (word_width I).
Hypothesis standard : forall access, List.In access [0; 1; 2] ->
  is_the_papers w (fault I access) (of_access access (relocate I)).
Hypothesis results : relocated I = 2.
Notation go := (go I V).

Lemma followed_go : forall f c rest x, go f (followed c rest) x =
  match go f c x with Next y => go f rest y | Trap t => Trap t end.
Proof.
  intros f c. induction c; intros rest x; simpl; auto.
  - destruct (nthN _ _); auto.
  - destruct (nthN _ _); auto.
  - destruct (w_in _ _ _ _). auto.
  - match goal with |- match ?a with _ => _ end = _ => destruct a end; auto.
Qed.
Lemma spared : forall l k j v, (k =? j) = false -> at_ (updN l k v) j = at_ l j.
Proof.
  intros l k j v K. unfold at_. rewrite !nthN_nth, updN_nth. rewrite N2Nat.id.
  destruct (N.eqb_spec j k) as [<-|]; [rewrite N.eqb_refl in K; discriminate|reflexivity].
Qed.
Lemma at_once_same : forall t x,
  go [] (translate_at_once w t 2 3) x = go [] (standard_translate w t 2 3) x.
Proof.
  intros t x. unfold translate_at_once, standard_translate.
  cbn [Plain.go worth at_present locals_ onward with_local apply value_of].
  rewrite !spared by reflexivity.
  destruct (bound_ (at_present V x) <=? at_ (locals_ V x) 0);
  [change (truth true =? 0) with false|change (truth false =? 0) with true]; cbv iota;
  cbn [Plain.go worth at_present locals_ onward with_local apply value_of];
  destruct (_ <=? at_ (updN _ _ _) 3); simpl; rewrite ?spared by reflexivity; reflexivity.
Qed.
Lemma keeps_access_go : forall f c x y, keeps_access c = true -> go f c x = Next y ->
  at_ (locals_ V y) 1 = at_ (locals_ V x) 1.
Proof.
  intros f c. induction c; intros x y K R; simpl in K, R; try discriminate;
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end;
  repeat match goal with H : negb _ = true |- _ => apply negb_true_iff in H end;
  try (rewrite (IHc _ _ K R); reflexivity).
  - injection R as <-. reflexivity.
  - rewrite (IHc _ _ H0 R). apply spared, H.
  - rewrite (IHc _ _ K R). destruct (_ <? _); reflexivity.
  - destruct (nthN _ _); [|discriminate]. rewrite (IHc _ _ H0 R). apply spared, H.
  - destruct (nthN _ _); [|discriminate]. rewrite (IHc _ _ K R). reflexivity.
  - destruct (w_in _ _ _ _). rewrite (IHc _ _ H0 R). apply spared, H.
  - match type of R with match ?a with _ => _ end = _ => destruct a as [z|] eqn:E end; [|discriminate].
    rewrite (IHc3 _ _ H0 R). destruct (_ =? 0) in E; [apply (IHc2 _ _ H1 E)|apply (IHc1 _ _ H E)].
Qed.
Lemma of_access_go : forall f access c x, at_ (locals_ V x) 1 = access ->
  go f (of_access access c) x = go f c x.
Proof.
  intros f access c x A. unfold of_access. destruct (keeps_access c) eqn:K; [|reflexivity].
  revert x A K. induction c; intros x A K; simpl; try reflexivity; simpl in K;
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
  - apply IHc; [|assumption]. simpl. rewrite spared; [exact A|].
    apply negb_true_iff. assumption.
  - assert (T : forall c, keeps_access c = true ->
        (forall x, at_ (locals_ V x) 1 = access -> go f (with_access access c) x = go f c x) ->
        match go f (with_access access c) x with
        | Next y => go f (with_access access c3) y
        | Trap t => Trap t
        end = match go f c x with Next y => go f c3 y | Trap t => Trap t end).
    { intros c' K' IH. rewrite IH by exact A. destruct (go f c' x) as [y|] eqn:E; [|reflexivity].
      apply IHc3; [|assumption]. rewrite (keeps_access_go f c' x y K' E). exact A. }
    destruct (known_access access e) as [yes|] eqn:E.
    + assert (B : (worth V f (locals_ V x) (at_present V x) e =? 0) = negb yes).
      { destruct e; try discriminate. destruct op; try discriminate. destruct e1; try discriminate.
        destruct k as [|[ | | ]]; try discriminate. destruct e2; try discriminate.
        injection E as <-. simpl. rewrite A. destruct (access =? v); reflexivity. }
      rewrite B. destruct yes; simpl; rewrite followed_go; apply T; auto.
    + simpl. destruct (_ =? 0); apply T; auto.
Qed.

(** A sum that wraps is nobody's place. *)
Lemma wrapping_reaches : forall t (s : configuration (wD V)) a access p,
  within I V s = true -> fits w a = true ->
  go [] (translate_wrapping w t 2 3) {| at_present := s; locals_ := [a; access; 0; 0]; onward := p |} =
  match nthN (reached V s) a with
  | Some _ => Next {| at_present := s; locals_ := [a; access; base_ s + a; base_ s + a]; onward := p |}
  | None => Trap (t, a)
  end.
Proof.
  intros t s a access p W Fa. rewrite reached_nth. unfold within in W.
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
  repeat match goal with H : fits w (base_ s) = true |- _ => apply N.ltb_lt in H; rename H into Fl end.
  match goal with H : (_ <=? 2 ^ w) = true |- _ => apply N.leb_le in H; rename H into Q end.
  apply N.ltb_lt in Fa. unfold translate_wrapping.
  cbn [Plain.go worth at_present locals_ onward apply value_of].
  change (at_ [a; access; 0; 0] 0) with a.
  destruct (N.ltb_spec a (bound_ s)) as [B|B].
  2: replace (bound_ s <=? a) with true by (symmetry; apply N.leb_le; exact B); reflexivity.
  replace (bound_ s <=? a) with false by (symmetry; apply N.leb_gt; exact B).
  change (truth false =? 0) with true. cbv iota. cbn [Plain.go].
  unfold with_local. cbn [worth at_present locals_ onward apply value_of].
  change (at_ [a; access; 0; 0] 0) with a.
  set (sum := trunc w (a + base_ s)).
  change (at_ (updN [a; access; 0; 0] 3 sum) 3) with sum.
  change (at_ (updN [a; access; 0; 0] 3 sum) 0) with a.
  destruct (N.lt_ge_cases (base_ s + a) (2 ^ w)) as [L|L].
  - assert (S : sum = base_ s + a)
      by (unfold sum; rewrite trunc_small; [lia|apply N.ltb_lt; lia]).
    clearbody sum. subst sum.
    replace (base_ s + a <? a) with false by (symmetry; apply N.ltb_ge; lia).
    destruct (N.leb_spec (N.of_nat (length (storage s))) (base_ s + a)) as [E|E].
    + rewrite (proj2 (nth_error_None (storage s) (N.to_nat (base_ s + a)))) by lia. reflexivity.
    + destruct (nth_error (storage s) (N.to_nat (base_ s + a))) eqn:NE;
        [reflexivity|apply nth_error_None in NE; lia].
  - assert (S : sum < a).
    { unfold sum. rewrite trunc_mod.
      replace (a + base_ s) with ((base_ s + a - 2 ^ w) + 1 * 2 ^ w) by lia.
      rewrite N.mod_add by (apply N.pow_nonzero; discriminate). rewrite N.mod_small by lia. lia. }
    clearbody sum. replace (sum <? a) with true by (symmetry; apply N.ltb_lt; exact S).
    rewrite (proj2 (nth_error_None (storage s) (N.to_nat (base_ s + a)))) by lia.
    destruct (_ <=? sum); reflexivity.
Qed.

Theorem relocate_reaches : forall (s : configuration (wD V)) a access p,
  within I V s = true -> fits w a = true -> List.In access [0; 1; 2] ->
  go [] (relocate I) {| at_present := s; locals_ := [a; access; 0; 0]; onward := p |} =
  match nthN (reached V s) a with
  | Some _ => Next {| at_present := s; locals_ := [a; access; base_ s + a; base_ s + a]; onward := p |}
  | None => Trap (fault I access, a)
  end.
Proof.
  intros s a access p W Fa K. rewrite <- (of_access_go [] access) by reflexivity.
  assert (F : of_access access (relocate I) = translate_wrapping w (fault I access) 2 3 \/
              of_access access (relocate I) = standard_translate w (fault I access) 2 3 \/
              of_access access (relocate I) = translate_at_once w (fault I access) 2 3)
    by (destruct (standard access K) as [-> |[-> | ->]]; auto).
  destruct F as [-> |F]; [apply wrapping_reaches; assumption|].
  assert (G : forall x, go [] (of_access access (relocate I)) x =
                        go [] (standard_translate w (fault I access) 2 3) x)
    by (intro x; destruct F as [->| ->]; [reflexivity|apply at_once_same]).
  rewrite G. clear G. unfold standard_translate. rewrite reached_nth.
  unfold within in W.
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
  repeat match goal with H : fits w (base_ s) = true |- _ => apply N.ltb_lt in H end.
  match goal with H : (_ <=? 2 ^ w) = true |- _ => apply N.leb_le in H; rename H into Q end.
  apply N.ltb_lt in Fa. set (l := base_ s) in *.
  assert (SUM : trunc (w + 1) (a + l) = l + a).
  { rewrite trunc_small; [lia|]. apply N.ltb_lt. rewrite N.pow_add_r. simpl. lia. }
  cbn [Plain.go worth at_present locals_ onward at_ nthN apply value_of].
  change (at_ [a; access; 0; 0] 0) with a. fold l.
  destruct (N.ltb_spec a (bound_ s)) as [B|B].
  - replace (bound_ s <=? a) with false by (symmetry; apply N.leb_gt; exact B).
    change (truth false =? 0) with true. cbv iota. cbn [Plain.go].
    set (x := with_local _ _ _ _).
    assert (LX : at_ (locals_ V x) 3 = l + a)
      by (transitivity (trunc (w + 1) (a + l)); [reflexivity|exact SUM]).
    cbn [worth apply value_of]. rewrite LX. change (at_present V x) with s.
    destruct (N.leb_spec (N.of_nat (length (storage s))) (l + a)) as [E|E].
    + rewrite nth_none by lia. reflexivity.
    + destruct (nth_error (storage s) (N.to_nat (l + a))) eqn:NE;
        [|apply nth_error_None in NE; lia].
      change (truth false =? 0) with true. cbv iota. cbn [Plain.go].
      cbn [worth]. rewrite LX. rewrite N.shiftr_0_r, trunc_small by (apply N.ltb_lt; lia).
      unfold x, with_local. cbn [at_present locals_ onward].
      change (at_ [a; access; 0; 0] 0) with a. fold l. rewrite SUM. reflexivity.
  - replace (bound_ s <=? a) with true by (symmetry; apply N.leb_le; exact B).
    reflexivity.
Qed.
End PlainTranslation.
