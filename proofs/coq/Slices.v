(** Storage as a list of words: [slice] reads a block, [overlay] writes one.

    E of the paper is an array of q cells; a list of q words is its canonical form, so that "the
    same storage" is plain equality and no axiom of extensionality is needed.  Addresses of programs
    are binary numbers ([sliceN], [nthN], [overlayN] compute with them); the proofs are over [nat]. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.

Section Slices.
Context {A : Type}.

Definition slice (o n : nat) (m : list A) : list A := firstn n (skipn o m).
Definition overlay (o : nat) (ws m : list A) : list A :=
  firstn o m ++ ws ++ skipn (o + length ws) m.

Lemma nth_error_firstn' : forall n (m : list A) j,
  nth_error (firstn n m) j = if j <? n then nth_error m j else None.
Proof.
  induction n; intros m j.
  - simpl. destruct j; reflexivity.
  - destruct m as [|x m].
    + simpl. destruct (Nat.ltb j (S n)); destruct j; reflexivity.
    + destruct j; [reflexivity|]. simpl. rewrite IHn. reflexivity.
Qed.

Lemma nth_error_skipn' : forall o (m : list A) j,
  nth_error (skipn o m) j = nth_error m (o + j).
Proof.
  induction o; intros m j; simpl; [reflexivity|].
  destruct m; simpl; [destruct j; reflexivity|apply IHo].
Qed.

Lemma nth_slice : forall o n (m : list A) j,
  nth_error (slice o n m) j = if j <? n then nth_error m (o + j) else None.
Proof. intros; unfold slice; rewrite nth_error_firstn', nth_error_skipn'; reflexivity. Qed.

Lemma nth_overlay : forall o ws (m : list A) j, o <= length m ->
  nth_error (overlay o ws m) j =
  if j <? o then nth_error m j
  else if j <? o + length ws then nth_error ws (j - o) else nth_error m j.
Proof.
  intros o ws m j H; unfold overlay.
  assert (L : length (firstn o m) = o) by (rewrite firstn_length; lia).
  destruct (Nat.ltb_spec j o).
  - rewrite nth_error_app1 by lia. rewrite nth_error_firstn'.
    destruct (Nat.ltb_spec j o); [reflexivity|lia].
  - rewrite nth_error_app2 by lia. rewrite L.
    destruct (Nat.ltb_spec j (o + length ws)).
    + rewrite nth_error_app1 by lia. reflexivity.
    + rewrite nth_error_app2 by lia. rewrite nth_error_skipn'. f_equal; lia.
Qed.

Lemma nth_ext_err : forall (l1 l2 : list A),
  (forall j, nth_error l1 j = nth_error l2 j) -> l1 = l2.
Proof.
  induction l1; intros [|b l2] H; auto.
  - specialize (H 0); discriminate.
  - specialize (H 0); discriminate.
  - f_equal; [specialize (H 0); simpl in H; congruence|].
    apply IHl1; intro j; apply (H (S j)).
Qed.

Lemma slice_length : forall o n (m : list A), length (slice o n m) = min n (length m - o).
Proof. intros; unfold slice; rewrite firstn_length, skipn_length; reflexivity. Qed.

Lemma overlay_length : forall o ws (m : list A), o + length ws <= length m ->
  length (overlay o ws m) = length m.
Proof. intros; unfold overlay; rewrite !app_length, firstn_length, skipn_length; lia. Qed.

Lemma nth_none : forall (l : list A) j, length l <= j -> nth_error l j = None.
Proof. intros; apply nth_error_None; auto. Qed.

Ltac cases :=
  repeat match goal with
  | |- context[?a <? ?b] => destruct (Nat.ltb_spec a b)
  end; try lia.

Lemma slice_overlay_same : forall o n ws (m : list A), n = length ws -> o + n <= length m ->
  slice o n (overlay o ws m) = ws.
Proof.
  intros; subst; apply nth_ext_err; intro j.
  rewrite nth_slice, nth_overlay by lia. cases.
  - f_equal; lia.
  - symmetry; apply nth_none; lia.
Qed.

Lemma slice_overlay_disj : forall o ws o' n (m : list A),
  o + length ws <= length m -> (o' + n <= o \/ o + length ws <= o') ->
  slice o' n (overlay o ws m) = slice o' n m.
Proof.
  intros; apply nth_ext_err; intro j. rewrite !nth_slice, nth_overlay by lia. cases; reflexivity.
Qed.

Lemma slice_slice : forall o n a k (m : list A),
  slice a k (slice o n m) = slice (o + a) (min k (n - a)) m.
Proof.
  intros; apply nth_ext_err; intro j. rewrite !nth_slice. cases; try reflexivity. f_equal; lia.
Qed.

Lemma slice_overlay_within : forall o n a ws (m : list A),
  a + length ws <= n -> o + n <= length m ->
  slice o n (overlay (o + a) ws m) = overlay a ws (slice o n m).
Proof.
  intros; apply nth_ext_err; intro j.
  rewrite nth_slice, nth_overlay by lia.
  rewrite nth_overlay by (rewrite slice_length; lia). rewrite !nth_slice.
  cases; try reflexivity.  f_equal; lia.
Qed.

Lemma overlay_slice_id : forall o n (m : list A), o + n <= length m ->
  overlay o (slice o n m) m = m.
Proof.
  intros; apply nth_ext_err; intro j. rewrite nth_overlay by lia. rewrite nth_slice, slice_length.
  cases; try reflexivity. f_equal; lia.
Qed.

(** two storages that agree outside a block, and inside it, are equal *)
Lemma slice_split_eq : forall o n (m m' : list A), length m = length m' ->
  firstn o m = firstn o m' -> slice o n m = slice o n m' -> skipn (o + n) m = skipn (o + n) m' ->
  m = m'.
Proof.
  intros o n m m' L H1 H2 H3; apply nth_ext_err; intro j.
  assert (N1 := f_equal (fun l => nth_error l j) H1). 
  assert (N2 := f_equal (fun l => nth_error l (j - o)) H2).
  assert (N3 := f_equal (fun l => nth_error l (j - (o + n))) H3).
  simpl in *. rewrite !nth_error_firstn' in N1. rewrite !nth_slice in N2.
  rewrite !nth_error_skipn' in N3.
  destruct (Nat.ltb_spec j o); [exact N1|].
  destruct (Nat.ltb_spec (j - o) n).
  - replace (o + (j - o)) with j in N2 by lia. exact N2.
  - replace (o + n + (j - (o + n))) with j in N3 by lia. exact N3.
Qed.

Lemma slice_outside : forall o n o' k (m m' : list A),
  firstn o m = firstn o m' -> skipn (o + n) m = skipn (o + n) m' ->
  (o' + k <= o \/ o + n <= o') -> slice o' k m = slice o' k m'.
Proof.
  intros o n o' k m m' H1 H2 H; apply nth_ext_err; intro j. rewrite !nth_slice.
  destruct (Nat.ltb_spec j k); [|reflexivity].
  destruct H.
  - assert (N1 := f_equal (fun l => nth_error l (o' + j)) H1). simpl in N1.
    rewrite !nth_error_firstn' in N1. destruct (Nat.ltb_spec (o' + j) o); [exact N1|lia].
  - assert (N3 := f_equal (fun l => nth_error l (o' + j - (o + n))) H2). simpl in N3.
    rewrite !nth_error_skipn' in N3. replace (o + n + (o' + j - (o + n))) with (o' + j) in N3 by lia.
    exact N3.
Qed.

Lemma slice_overlay_window : forall l b w (m : list A),
  length w = min b (length m - l) -> slice l b (overlay l w m) = w.
Proof.
  intros l b w m LL. apply nth_ext_err; intro j. rewrite nth_slice.
  destruct (Nat.le_gt_cases l (length m)).
  - rewrite nth_overlay by assumption. destruct (Nat.ltb_spec j b).
    + destruct (Nat.ltb_spec (l + j) l); [lia|].
      destruct (Nat.ltb_spec (l + j) (l + length w)); [f_equal; lia|].
      rewrite !nth_none by lia. auto.
    + symmetry; apply nth_none; lia.
  - assert (length w = 0) by lia. destruct w; [|discriminate].
    unfold overlay. rewrite firstn_all2, skipn_all2 by (simpl; lia).
    destruct (j <? b); [|destruct j; reflexivity].
    rewrite !nth_none; auto; simpl; rewrite ?app_nil_r; lia.
Qed.

(** The same with binary addresses, which a machine can have in great numbers. *)
Fixpoint skipN (n : N) (m : list A) : list A :=
  match m with
  | [] => []
  | _ :: t => if (n =? 0)%N then m else skipN (N.pred n) t
  end.
Fixpoint firstN (n : N) (m : list A) : list A :=
  match m with
  | [] => []
  | x :: t => if (n =? 0)%N then [] else x :: firstN (N.pred n) t
  end.
Fixpoint nthN (m : list A) (n : N) : option A :=
  match m with
  | [] => None
  | x :: t => if (n =? 0)%N then Some x else nthN t (N.pred n)
  end.
Definition sliceN (o n : N) (m : list A) : list A := firstN n (skipN o m).

Lemma skipN_skipn : forall m n, skipN n m = skipn (N.to_nat n) m.
Proof.
  induction m as [|x m IH]; intro n; simpl; [destruct (N.to_nat n); reflexivity|].
  destruct (N.eqb_spec n 0) as [->|H]; [reflexivity|].
  rewrite IH. replace (N.to_nat n) with (S (N.to_nat (N.pred n))) by lia. reflexivity.
Qed.
Lemma firstN_firstn : forall m n, firstN n m = firstn (N.to_nat n) m.
Proof.
  induction m as [|x m IH]; intro n; simpl; [destruct (N.to_nat n); reflexivity|].
  destruct (N.eqb_spec n 0) as [->|H]; [reflexivity|].
  rewrite IH. replace (N.to_nat n) with (S (N.to_nat (N.pred n))) by lia. reflexivity.
Qed.
Lemma nthN_nth : forall m n, nthN m n = nth_error m (N.to_nat n).
Proof.
  induction m as [|x m IH]; intro n; simpl; [destruct (N.to_nat n); reflexivity|].
  destruct (N.eqb_spec n 0) as [->|H]; [reflexivity|].
  rewrite IH. replace (N.to_nat n) with (S (N.to_nat (N.pred n))) by lia. reflexivity.
Qed.
Lemma sliceN_slice : forall o n m, sliceN o n m = slice (N.to_nat o) (N.to_nat n) m.
Proof. intros; unfold sliceN, slice. rewrite firstN_firstn, skipN_skipn. reflexivity. Qed.

End Slices.
