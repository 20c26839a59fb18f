(** An exported description is an architecture in the sense of Machine.v, if its trap sequence
    stores what it must: a computation decides that. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Word Tree.

Section Instance.
Context (I : isa) (V : world).
Notation w := (width I).
Notation St := (state N (list N) (devices V) (word w) (resources I)).
Notation Psw := (psw (word w) (resources I)).
Hypothesis ok : sequence_ok I = true.

Ltac checks :=
  let H := fresh in pose proof ok as H; unfold sequence_ok in H;
  repeat match type of H with _ && _ = true =>
    let X := fresh "C" in apply andb_prop in H; destruct H as (H & X) end.

Lemma part_eqb_eq : forall x y, part_eqb x y = true -> x = y.
Proof.
  destruct x, y; simpl; intro H; try discriminate; auto. apply N.eqb_eq in H. congruence.
Qed.
Lemma word_of_map : forall (g : part -> N) x l r, holds l x = true ->
  word_of x l (map g l ++ r) = g x.
Proof.
  intros g x l r. induction l as [|y l IH]; simpl; intro H; [discriminate|].
  destruct (part_eqb x y) eqn:E; [apply part_eqb_eq in E; congruence|auto].
Qed.

Lemma stored_len : forall c p, length (stored I c p) = length (old_words I).
Proof. intros. apply map_length. Qed.
Lemma stored_back : forall c (p : Psw), stored_pc I (stored I c p) = pp p.
Proof.
  intros c p. checks. unfold stored_pc, stored.
  rewrite <- (app_nil_r (map (old_part I c p) (old_words I))).
  rewrite !word_of_map by assumption. cbn [old_part]. fold (is_next I (fst c)).
  destruct (is_next I (fst c)); [|apply wrap_val].
  apply wrap_back.
Qed.

Lemma saved_len : forall p : Psw, length (saved I p) = length (old_words I).
Proof.
  intro p. checks. unfold saved. rewrite app_length, map_length, repeat_length.
  match goal with H : (_ <=? _)%nat = true |- _ => apply Nat.leb_le in H end. lia.
Qed.

Lemma all_fit_len : forall ws xs, all_fit ws xs = true -> length xs = length ws.
Proof.
  induction ws; intros [|x xs]; simpl; intro H; try discriminate; auto.
  apply andb_prop in H. f_equal. apply IHws, H.
Qed.
Lemma countN_nth : forall n from j, nth_error (countN n from) j =
  if (j <? n)%nat then Some (from + N.of_nat j)%N else None.
Proof.
  induction n; intros from j; simpl; [destruct j; reflexivity|].
  destruct j; simpl; [f_equal; lia|].
  rewrite IHn. destruct (Nat.ltb_spec j n), (Nat.ltb_spec (S j) (S n)); try lia; f_equal; lia.
Qed.
Lemma at_count : forall l, map (at_ l) (countN (length l) 0) = l.
Proof.
  intro l. apply nth_ext_err. intro j. rewrite nth_error_map, countN_nth.
  destruct (Nat.ltb_spec j (length l)); [|symmetry; apply nth_none; lia].
  simpl. unfold at_. rewrite nthN_nth, Nnat.Nat2N.id.
  destruct (nth_error l j) eqn:E; [reflexivity|]. apply nth_error_None in E. lia.
Qed.

Lemma mode_back : forall m, mode_of I (trunc 1 (mode_value I m)) = m.
Proof.
  intro m. checks. match goal with H : (user_value I <=? 1)%N = true |- _ => apply N.leb_le in H end.
  assert (U : user_value I = 0%N \/ user_value I = 1%N) by lia.
  destruct m; unfold mode_of; simpl; destruct U as [->| ->]; reflexivity.
Qed.

Lemma saved_back : forall p : Psw, loaded I (saved I p) = p.
Proof.
  intros [m pc r]. checks. unfold loaded, saved. rewrite !word_of_map by assumption.
  cbn [psw_part pm pp pr].
  replace (map (fun k => word_of (PControl k) (new_words I) _) (countN (length (control I)) 0))
    with (rr_control I r).
  - rewrite mode_back, wrap_val, rr_same. reflexivity.
  - transitivity (map (at_ (rr_control I r)) (countN (length (control I)) 0)).
    + replace (length (control I)) with (length (rr_control I r)); [symmetry; apply at_count|].
      destruct r as [[[l b] x] R]. simpl. pose proof R as Q. simpl in Q. apply andb_prop in Q.
      apply all_fit_len, Q.
    + apply map_ext_in. intros k Hk. rewrite word_of_map; [reflexivity|].
      match goal with F : forallb _ (countN _ _) = true |- _ =>
        rewrite forallb_forall in F; apply F, Hk end.
Qed.

(** No statement changes how much storage there is. *)
Lemma run_len : forall f c x x', run I V f c x = Next x' ->
  length (mem (now I V x')) = length (mem (now I V x)).
Proof.
  induction c; intros x x' R; simpl in R; try discriminate.
  - congruence.
  - apply IHc in R. exact R.
  - apply IHc in R. rewrite R. destruct r; reflexivity.
  - apply IHc in R. rewrite R. destruct (_ <? _)%N; reflexivity.
  - apply IHc in R. exact R.
  - destruct (nthN _ _); [|discriminate]. apply IHc in R. exact R.
  - destruct (nthN _ _); [|discriminate]. apply IHc in R. rewrite R. apply updN_length.
  - destruct (w_in _ _ _ _). apply IHc in R. exact R.
  - apply IHc in R. exact R.
  - match type of R with match run _ _ _ ?b _ with _ => _ end = _ =>
      destruct (run I V f b x) as [y|] eqn:E; [|discriminate] end.
    apply IHc3 in R. rewrite R.
    destruct (_ =? 0)%N in E; [apply IHc2 in E|apply IHc1 in E]; exact E.
  - apply IHc in R. exact R.
  - apply IHc in R. exact R.
Qed.

Lemma execute_len : forall o s s', execute I V o s = Next s' -> length (mem s') = length (mem s).
Proof.
  unfold execute; intros o s s' E. destruct (find _ _) as [i|]; [|discriminate].
  destruct (run _ _ _ _ _) as [x|] eqn:R; [|discriminate]. apply run_len in R.
  injection E as <-. exact R.
Qed.

Lemma fits_below : forall n, (N.of_nat n <= 2 ^ w - 1)%N -> fits w (N.of_nat n) = true.
Proof.
  intros n H. apply N.ltb_lt. pose proof (N.pow_nonzero 2 w). lia.
Qed.

Definition devices_dec : forall a b : devices V, {a = b} + {a <> b}.
Proof. decide equality; [apply wD_dec|apply status_dec]. Defined.

Definition architecture : arch.
  refine {|
    W := N; W_dec := N.eq_dec;
    G := list N; G_dec := list_eq_dec N.eq_dec;
    D := devices V; D_dec := devices_dec;
    PC := word w; PC_dec := word_dec w; pcn := fun p => N.to_nat (val p);
    RR := resources I; RR_dec := rr_dec I;
    rl := fun r => N.to_nat (rr_base I r); rb := fun r => N.to_nat (rr_bound I r);
    maxmem := 2 ^ w - 1;
    mkR := fun l b => rr I (N.of_nat l) (N.of_nat b) (real I);
    cause := tcause; is_mem := fun c => (fst c =? memory I)%N;
    fetch_fault := fun p => memory_trap I (val p);
    instr := N; decode := fun o => o; exec := execute I V; exec_len := execute_len;
    K := length (old_words I);
    enc := stored I; enc_len := stored_len; old := stored_pc I; old_enc := stored_back;
    dec := loaded I; save := saved I; save_len := saved_len; dec_save := saved_back |}.
  - intros l b H. change (N.to_nat (trunc w (N.of_nat l)) = l). rewrite trunc_small; [apply Nnat.Nat2N.id|]. apply fits_below. lia.
  - intros l b H. change (N.to_nat (trunc w (N.of_nat b)) = b). rewrite trunc_small; [apply Nnat.Nat2N.id|]. apply fits_below. lia.
  - repeat decide equality.
  - intro p. apply N.eqb_refl.
Defined.

(** What the theory means by addresses is computed with binary ones. *)
Lemma window_reach : forall s : St, window architecture s = reach I V s.
Proof. intro s. symmetry. exact (sliceN_slice _ _ _). Qed.

Definition quick_result (s : St) : outcome St tcause :=
  match nthN (reach I V s) (val (pp (st s))) with
  | Some o => execute I V o s
  | None => Trap (memory_trap I (val (pp (st s))))
  end.
Theorem quick_result_is_result : forall s, quick_result s = result architecture s.
Proof.
  intro s. unfold quick_result, result, fetch. rewrite window_reach, nthN_nth. simpl.
  destruct (nth_error _ _); reflexivity.
Qed.
End Instance.
