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
Hypothesis standard : relocate I = standard_translate w (memory_fault I) 2 3.
Hypothesis results : relocated I = 2.

Theorem relocate_reaches : forall (s : configuration (wD V)) a access p,
  within I V s = true -> fits w a = true ->
  go I V [] (relocate I) {| at_present := s; locals_ := [a; access; 0; 0]; onward := p |} =
  match nthN (reached V s) a with
  | Some _ => Next {| at_present := s; locals_ := [a; access; base_ s + a; base_ s + a]; onward := p |}
  | None => Trap (memory_fault I, a)
  end.
Proof.
  intros s a access p W Fa. rewrite standard. unfold standard_translate. rewrite reached_nth.
  unfold within in W.
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
  repeat match goal with H : fits w (base_ s) = true |- _ => apply N.ltb_lt in H end.
  match goal with H : (_ <=? 2 ^ w) = true |- _ => apply N.leb_le in H; rename H into Q end.
  apply N.ltb_lt in Fa. set (l := base_ s) in *.
  assert (SUM : trunc (w + 1) (a + l) = l + a).
  { rewrite trunc_small; [lia|]. apply N.ltb_lt. rewrite N.pow_add_r. simpl. lia. }
  cbn [go worth at_present locals_ onward at_ nthN apply value_of].
  change (at_ [a; access; 0; 0] 0) with a. fold l.
  destruct (N.ltb_spec a (bound_ s)) as [B|B].
  - replace (bound_ s <=? a) with false by (symmetry; apply N.leb_gt; exact B).
    change (truth false =? 0) with true. cbv iota. cbn [go].
    set (x := with_local _ _ _ _).
    assert (LX : at_ (locals_ V x) 3 = l + a)
      by (transitivity (trunc (w + 1) (a + l)); [reflexivity|exact SUM]).
    cbn [worth apply value_of]. rewrite LX. change (at_present V x) with s.
    destruct (N.leb_spec (N.of_nat (length (storage s))) (l + a)) as [E|E].
    + rewrite nth_none by lia. reflexivity.
    + destruct (nth_error (storage s) (N.to_nat (l + a))) eqn:NE;
        [|apply nth_error_None in NE; lia].
      change (truth false =? 0) with true. cbv iota. cbn [go].
      cbn [worth]. rewrite LX. rewrite N.shiftr_0_r, trunc_small by (apply N.ltb_lt; lia).
      unfold x, with_local. cbn [at_present locals_ onward].
      change (at_ [a; access; 0; 0] 0) with a. fold l. rewrite SUM. reflexivity.
  - replace (bound_ s <=? a) with true by (symmetry; apply N.leb_le; exact B).
    reflexivity.
Qed.
End PlainTranslation.
