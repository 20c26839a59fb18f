(** The conditions of a plain machine under a map, by computation: for maps that keep more in the real
    control registers than the mode and the relocation.

    An instruction is harmless if it is calm, and reads of control registers only those that the map
    mirrors; or if it traps in user mode with the real registers as the map has them, on every path:
    [look] follows them with what is known of registers, fields and locals. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Word Tree Instance Processor Plain PlainAnalysis.

(** What a map keeps in the real machine's control registers: constants, and the virtual machine's own
    values, by number.  Time is among the latter: it is not observed. *)
Record mapping := { held : list (reg * N); mirrored : list N }.

Section Mapped.
Context (I : plain) (M : mapping) (V : world).
Notation St := (configuration (wD V)).
Notation go := (go I V). Notation worth := (worth V). Notation value_of := (value_of V).
Notation carry_out := (carry_out I V). Notation user_state := (user_state I V).
Notation within := (within I V). Notation same_to_program := (same_to_program V).
Notation at_present := (at_present V). Notation locals_ := (locals_ V).
Notation true_of := (true_of V). Notation share := (share V). Notation true_pairs := (true_pairs V).
Notation P := (plain_processor I V).

Definition image (s r : St) : Prop :=
  same_to_program s r /\ user_state r /\ true_pairs (held M) r /\ share (mirrored M) s r.

(* ------------------------------------------------------------------ the computation *)

(** What is known of some of them, by number. *)
Definition known := list (N * N).
Fixpoint of_number (l : known) (j : N) : option N :=
  match l with
  | [] => None
  | (i, v) :: l => if (i =? j)%N then Some v else of_number l j
  end.
Definition forget (j : N) (l : known) : known := filter (fun p => negb (fst p =? j)%N) l.
Definition learn (n j : N) (v : option N) (l : known) : known :=
  match v with
  | Some v => if (j <? n)%N then (j, v) :: forget j l else forget j l
  | None => forget j l
  end.
(** What both know. *)
Definition common (a b : known) : known :=
  filter (fun p => match of_number b (fst p), of_number a (fst p) with
                   | Some v, Some u => (v =? snd p)%N && (u =? snd p)%N
                   | _, _ => false
                   end) a.

(** 0 and anything, or 0 shifted. *)
Definition absorbs (op : binop) (w : N) (x y : option N) : option N :=
  match x, y with
  | Some x, Some y => Some (apply op w x y)
  | Some x, None =>
      match op with And | Shl | Lshr => if (x =? 0)%N then Some 0%N else None | _ => None end
  | None, Some y => match op with And => if (y =? 0)%N then Some 0%N else None | _ => None end
  | None, None => None
  end.

Section Look.
Variables (k : facts) (f : known) (n : N).    (* registers, fields, how many locals *)
Fixpoint told (l : known) (e : expr) : option N :=
  match e with
  | Const v => Some v
  | Field j => of_number f j
  | Local j => of_number l j
  | Reg r => fact k r
  | Elem _ _ _ | Size => None
  | Not w a => option_map (fun x => N.lxor x (N.ones w)) (told l a)
  | Neg w a => option_map (neg w) (told l a)
  | Slice low w a => option_map (fun x => trunc w (N.shiftr x low)) (told l a)
  | Zext a => told l a
  | Sext from to a => option_map (sext from to) (told l a)
  | Bin op w a b => absorbs op w (told l a) (told l b)
  | Concat low a b =>
      match told l a, told l b with
      | Some x, Some y => Some (N.lor (N.shiftl x low) y)
      | _, _ => None
      end
  | Ite c a b =>
      match told l c with Some v => if (v =? 0)%N then told l b else told l a | None => None end
  end.
Fixpoint nonzero (l : known) (e : expr) : bool :=
  match told l e with
  | Some v => negb (v =? 0)%N
  | None => match e with Bin Or _ a b => if nonzero l a then true else nonzero l b | _ => false end
  end.

(** How a piece of code ends: it traps, whatever is not known; or it may go on, and then that is
    known of the locals; or nothing is said. *)
Inductive prospect := Traps | Goes (l : known) | Lost.
Definition either (a b : prospect) : prospect :=
  match a, b with
  | Lost, _ | _, Lost => Lost
  | Traps, x | x, Traps => x
  | Goes a, Goes b => Goes (common a b)
  end.
Fixpoint look (c : stmt) (l : known) : prospect :=
  match c with
  | Done => Goes l
  | Let j e r => look r (learn n j (told l e) l)
  | SetReg g _ r => match fact k g with Some _ => Lost | None => look r l end
  | Load j _ r | In j _ _ r => look r (forget j l)
  | SetElem _ _ _ _ r | Goto _ r | Store _ _ r | Out _ _ _ r | Halt _ r | Wait r => look r l
  | If e body other r =>
      match (match told l e with
             | Some v => if (v =? 0)%N then look other l else look body l
             | None => if nonzero l e then look body l else either (look body l) (look other l)
             end) with
      | Goes l => look r l
      | x => x
      end
  | TrapTo _ _ => Traps
  end.
End Look.

Definition traps (k : facts) (f : known) (i : instruction) : bool :=
  match look k f (locals i) (code i) [] with Traps => true | _ => false end.
(** For every number below; && would compute both sides. *)
Fixpoint every (n : nat) (p : N -> bool) : bool :=
  match n with
  | O => true
  | S n => if p (N.of_nat n) then every n p else false
  end.
(** For each value of one of the fields. *)
Fixpoint by_field (k : facts) (i : instruction) (j : N) (fs : list (N * N)) : bool :=
  match fs with
  | [] => false
  | (_, w) :: fs =>
      if (if (w <=? 12)%N then every (N.to_nat (2 ^ w)) (fun v => traps k [(j, v)] i) else false)
      then true else by_field k i (j + 1) fs
  end.
Definition refused (k : facts) (i : instruction) : bool :=
  if traps k [] i then true else by_field k i 0 (fields i).

Definition of_image : facts :=
  if control_only (in_user_mode I ++ held M) then in_user_mode I ++ held M else [].
Definition first_under : bool :=
  forallb (fun i => if calm (mirrored M) [] (code i) then true else refused of_image i) (table I).
Definition third_under : bool :=
  forallb (fun i => if calm (mirrored M) [] (code i) then true
                    else if calm (mirrored M) (in_user_mode I) (code i) then true
                    else refused of_image i) (table I).

(* ------------------------------------------------------------------ it is sound *)

Definition agrees (l : known) (xs : list N) : Prop :=
  forall j v, of_number l j = Some v -> at_ xs j = v.
Lemma agrees_nil : forall xs, agrees [] xs. Proof. intros xs j v H. discriminate. Qed.

Lemma at_updN : forall xs j v i, at_ (updN xs j v) i =
  if (i =? j)%N then if (i <? N.of_nat (length xs))%N then v else 0%N else at_ xs i.
Proof.
  intros xs j v i. unfold at_. rewrite !nthN_nth, updN_nth, Nnat.N2Nat.id.
  destruct (N.eqb_spec i j); [|reflexivity].
  destruct (N.ltb_spec i (N.of_nat (length xs))).
  - destruct (nth_error xs (N.to_nat i)) eqn:E; [reflexivity|]. apply nth_error_None in E. lia.
  - rewrite (proj2 (nth_error_None xs (N.to_nat i))) by lia. reflexivity.
Qed.
Lemma of_forgotten : forall j l i v, of_number (forget j l) i = Some v ->
  i <> j /\ of_number l i = Some v.
Proof.
  intros j l. induction l as [|(a, u) l IH]; intros i v H; [discriminate|]. simpl in H.
  destruct (N.eqb_spec a j) as [->|NE]; simpl in H.
  - destruct (IH i v H) as (A & B). split; [exact A|]. simpl.
    destruct (N.eqb_spec j i); [congruence|exact B].
  - simpl. destruct (N.eqb_spec a i) as [->|]; [auto|exact (IH i v H)].
Qed.
Lemma agrees_forget : forall l xs j v, agrees l xs -> agrees (forget j l) (updN xs j v).
Proof.
  intros l xs j v A i u H. destruct (of_forgotten j l i u H) as (NE & E).
  rewrite at_updN. destruct (N.eqb_spec i j); [contradiction|]. exact (A i u E).
Qed.
Lemma agrees_learn : forall n l xs j o v, agrees l xs -> N.of_nat (length xs) = n ->
  (forall u, o = Some u -> v = u) -> agrees (learn n j o l) (updN xs j v).
Proof.
  intros n l xs j [u|] v A L E; unfold learn; [|apply agrees_forget, A].
  rewrite (E u eq_refl). destruct (N.ltb_spec j n); [|apply agrees_forget, A].
  intros i t H'. simpl in H'. destruct (N.eqb_spec j i) as [->|NE].
  - injection H' as <-. rewrite at_updN, N.eqb_refl. destruct (N.ltb_spec i (N.of_nat (length xs))); [reflexivity|lia].
  - exact (agrees_forget l xs j u A i t H').
Qed.
Lemma agrees_common : forall a b xs, agrees a xs \/ agrees b xs -> agrees (common a b) xs.
Proof.
  intros a b xs A j v H.
  assert (Q : of_number a j = Some v /\ of_number b j = Some v).
  { unfold common in H. revert H. generalize a at 2 as c. intro c. induction c as [|(i, u) c IH]; simpl.
    - discriminate.
    - destruct (of_number b i) as [x|] eqn:B; [|exact IH].
      destruct (of_number a i) as [y|] eqn:E; [|exact IH].
      destruct (N.eqb_spec x u) as [->|]; [|exact IH]. destruct (N.eqb_spec y u) as [->|]; [|exact IH].
      simpl. destruct (N.eqb_spec i j) as [->|]; [|exact IH]. intro H. injection H as <-. auto. }
  destruct Q. destruct A as [A|A]; apply A; assumption.
Qed.

Lemma absorbs_apply : forall op w x y a b v, absorbs op w x y = Some v ->
  (forall u, x = Some u -> a = u) -> (forall u, y = Some u -> b = u) -> apply op w a b = v.
Proof.
  intros op w [x|] [y|] a b v H A B; simpl in H; try discriminate;
  rewrite ?(A _ eq_refl), ?(B _ eq_refl).
  - congruence.
  - destruct op; try discriminate; (destruct (N.eqb_spec x 0) as [->|]; [|discriminate]);
    injection H as <-; simpl.
    + reflexivity.
    + destruct (b <? w)%N; reflexivity.
    + unfold shift_right. destruct (b <? w)%N; [|reflexivity]. apply N.shiftr_0_l.
  - destruct op; try discriminate. destruct (N.eqb_spec y 0) as [->|]; [|discriminate].
    injection H as <-. apply N.land_0_r.
Qed.

Section Sound.
Variables (k : facts) (f : known) (n : N) (fs : list N).
Hypothesis fields_known : agrees f fs.
Hypothesis controls_known : controls_only k.

Lemma told_worth : forall l xs e v (s : St), told k f l e = Some v -> true_of k s -> agrees l xs ->
  worth fs xs s e = v.
Proof.
  intros l xs e. induction e; intros u s H T A; simpl in H; try discriminate; simpl.
  - congruence.
  - exact (fields_known _ _ H).
  - exact (A _ _ H).
  - exact (T _ _ H).
  - destruct (told k f l e); [|discriminate]. injection H as <-. rewrite (IHe n0 s); auto.
  - destruct (told k f l e); [|discriminate]. injection H as <-. rewrite (IHe n0 s); auto.
  - destruct (told k f l e); [|discriminate]. injection H as <-. rewrite (IHe n0 s); auto.
  - auto.
  - destruct (told k f l e); [|discriminate]. injection H as <-. rewrite (IHe n0 s); auto.
  - eapply absorbs_apply; eauto.
  - destruct (told k f l e1); [|discriminate]. destruct (told k f l e2); [|discriminate].
    injection H as <-. rewrite (IHe1 n0 s), (IHe2 n1 s); auto.
  - destruct (told k f l e1) as [c|]; [|discriminate]. rewrite (IHe1 c s) by auto.
    destruct (c =? 0)%N; auto.
Qed.
Lemma nonzero_worth : forall l xs e (s : St), nonzero k f l e = true -> true_of k s -> agrees l xs ->
  worth fs xs s e <> 0%N.
Proof.
  intros l xs e s. induction e; intros H T A;
  match goal with |- worth _ _ _ ?x <> _ => destruct (told k f l x) as [known_value|] eqn:E;
    [rewrite (told_worth l xs x known_value s E T A); cbn [nonzero] in H; rewrite E in H; intros ->; discriminate|]
  end; cbn [nonzero] in H; rewrite E in H; try discriminate.
  destruct op; try discriminate. simpl. intro Z. apply N.lor_eq_0_iff in Z. destruct Z as (Z1 & Z2).
  destruct (nonzero k f l e1); [exact (IHe1 eq_refl T A Z1)|exact (IHe2 H T A Z2)].
Qed.

Lemma value_other : forall (s : St) g v r, g <> r -> value_of (give V s g v) r = value_of s r.
Proof.
  intros s g v r NE. destruct g, r; simpl; try reflexivity; try contradiction;
  rewrite at_updN; match goal with |- context[(?a =? ?b)%N] => destruct (N.eqb_spec a b) as [->|] end;
  try contradiction; reflexivity.
Qed.
Lemma true_given : forall (s : St) g v, true_of k s -> fact k g = None -> true_of k (give V s g v).
Proof.
  intros s g v T F r u E. rewrite value_other by congruence. exact (T r u E).
Qed.

(** What [look] says of code is so. *)
Definition as_seen (p : prospect) (o : outcome (course V) tcause) : Prop :=
  match p, o with
  | Lost, _ | _, Trap _ => True
  | Traps, Next _ => False
  | Goes l, Next x => true_of k (at_present x) /\ agrees l (locals_ x) /\
                      N.of_nat (length (locals_ x)) = n
  end.
Lemma seen_either : forall a b o, as_seen a o \/ as_seen b o -> as_seen (either a b) o.
Proof.
  intros [|a|] [|b|] [x|c] [S|S]; simpl in *; try tauto;
  destruct S as (S1 & S2 & S3); (split; [exact S1|]); (split; [|exact S3]); apply agrees_common; auto.
Qed.
Lemma look_sound : forall c l x, true_of k (at_present x) -> agrees l (locals_ x) ->
  N.of_nat (length (locals_ x)) = n -> as_seen (look k f n c l) (go fs c x).
Proof.
  induction c; intros l x T A L; cbn [look Plain.go].
  - simpl. auto.
  - apply IHc; simpl; [exact T| |rewrite updN_length; exact L].
    apply agrees_learn; auto. intros u E. exact (told_worth l _ e u _ E T A).
  - destruct (fact k r) eqn:F; [exact Logic.I|]. apply IHc; simpl; auto. apply true_given; assumption.
  - apply IHc; [|destruct (_ <? _)%N; assumption|destruct (_ <? _)%N; assumption].
    destruct (_ <? _)%N; [|exact T].
    intros q u E. rewrite <- (T q u E). pose proof (controls_known q u E) as K.
    destruct q; try contradiction; reflexivity.
  - apply IHc; auto.
  - destruct (nthN _ _); [|destruct (look _ _ _ _ _); exact Logic.I].
    apply IHc; simpl; [exact T|apply agrees_forget, A|rewrite updN_length; exact L].
  - destruct (nthN _ _); [|destruct (look _ _ _ _ _); exact Logic.I].
    apply IHc; simpl; auto.
  - destruct (w_in _ _ _ _) as (v, d').
    apply IHc; simpl; [|apply agrees_forget, A|rewrite updN_length; exact L].
    intros q u E. rewrite <- (T q u E). destruct q; reflexivity.
  - apply IHc; simpl; auto.
  - set (p := match told k f l e with Some v => _ | None => _ end).
    set (o := go fs (if (worth fs (locals_ x) (at_present x) e =? 0)%N then c2 else c1) x).
    assert (S : as_seen p o).
    { unfold p, o. destruct (told k f l e) as [v|] eqn:E.
      - rewrite (told_worth l _ e v _ E T A). destruct (v =? 0)%N; auto.
      - destruct (nonzero k f l e) eqn:Z.
        + pose proof (nonzero_worth l _ e _ Z T A).
          destruct (N.eqb_spec (worth fs (locals_ x) (at_present x) e) 0); [contradiction|auto].
        + apply seen_either. destruct (_ =? 0)%N; auto. }
    clearbody p o. destruct p as [|l'|], o as [y|c]; simpl in S; try contradiction; try exact Logic.I.
    + destruct S as (S1 & S2 & S3). apply IHc3; assumption.
    + destruct (look _ _ _ _ _); exact Logic.I.
  - exact Logic.I.
  - apply IHc; simpl; auto.
  - apply IHc; simpl; auto.
Qed.
End Sound.

Lemma every_number : forall n p, every n p = true -> forall v, (v < N.of_nat n)%N -> p v = true.
Proof.
  induction n as [|n IH]; intros p H v L; simpl in *; [lia|].
  destruct (p (N.of_nat n)) eqn:E; [|discriminate].
  destruct (N.eq_dec v (N.of_nat n)) as [->|]; [exact E|]. apply IH; [exact H|lia].
Qed.
Lemma field_fits : forall o i j p, nth_error (fields i) j = Some p ->
  exists v, nth_error (field_values o i) j = Some v /\ (v < 2 ^ snd p)%N.
Proof.
  unfold field_values. intros o i j p H. rewrite nth_error_map, H. destruct p as (lo, w). simpl.
  eexists. split; [reflexivity|]. apply N.ltb_lt, trunc_fits.
Qed.
Lemma traps_sound : forall k f i o (s : St), controls_only k -> true_of k s ->
  agrees f (field_values o i) -> find (encodes o) (table I) = Some i -> traps k f i = true ->
  exists c, carry_out o s = Trap c.
Proof.
  intros k f i o s C T A F H. unfold Plain.carry_out. rewrite F.
  pose proof (look_sound k f (locals i) (field_values o i) A C (code i) [] (start I V i s) T
    (agrees_nil _)) as S.
  unfold traps in H. destruct (look _ _ _ _ _); try discriminate.
  simpl in S. rewrite repeat_length, Nnat.N2Nat.id in S. specialize (S eq_refl).
  destruct (go _ _ _); [contradiction|]. eexists. reflexivity.
Qed.
Lemma by_field_sound : forall k i o (s : St), controls_only k -> true_of k s ->
  find (encodes o) (table I) = Some i ->
  forall fs j, (forall q p, nth_error fs q = Some p -> nth_error (fields i) (j + q) = Some p) ->
  by_field k i (N.of_nat j) fs = true -> exists c, carry_out o s = Trap c.
Proof.
  intros k i o s C T F. induction fs as [|(lo, w) fs IH]; intros j A H; [discriminate|].
  cbn [by_field] in H. match type of H with (if ?b then _ else _) = _ => destruct b eqn:B end.
  - destruct (w <=? 12)%N; [|discriminate].
    pose proof (A 0 (lo, w) eq_refl) as Q. rewrite Nat.add_0_r in Q.
    destruct (field_fits o i j (lo, w) Q) as (v & E & L).
    apply (traps_sound k [(N.of_nat j, v)] i o s C T); [|exact F|].
    + intros a u U. simpl in U. destruct (N.eqb_spec (N.of_nat j) a) as [<-|]; [|discriminate].
      injection U as <-. unfold at_. rewrite nthN_nth, Nnat.Nat2N.id, E. reflexivity.
    + refine (every_number _ _ B v _). rewrite Nnat.N2Nat.id. exact L.
  - refine (IH (S j) _ _).
    + intros q p U. replace (S j + q) with (j + S q) by lia. exact (A (S q) p U).
    + rewrite Nnat.Nat2N.inj_succ, <- N.add_1_r. exact H.
Qed.
Lemma refused_sound : forall k i o (s : St), controls_only k -> true_of k s ->
  find (encodes o) (table I) = Some i -> refused k i = true -> exists c, carry_out o s = Trap c.
Proof.
  intros k i o s C T F H. unfold refused in H. destruct (traps k [] i) eqn:E.
  - exact (traps_sound k [] i o s C T (agrees_nil _) F E).
  - refine (by_field_sound k i o s C T F (fields i) 0 _ H). auto.
Qed.

Lemma controls_of_pairs : forall k, control_only k = true -> controls_only k.
Proof.
  unfold control_only. intros k C. rewrite forallb_forall in C. intros r v F.
  assert (H : List.In (r, v) k).
  { clear C. induction k as [|[r' v'] k IH]; simpl in F; [discriminate|].
    destruct (reg_eq_dec r' r) as [->|]; [injection F as ->; left; reflexivity|right; auto]. }
  specialize (C (r, v) H). simpl in C. destruct r; auto; discriminate.
Qed.
Lemma of_image_controls : controls_only of_image.
Proof.
  unfold of_image. destruct (control_only _) eqn:C; [exact (controls_of_pairs _ C)|].
  intros r v H. discriminate.
Qed.
Lemma of_image_true : forall s r, within r = true -> image s r -> true_of of_image r.
Proof.
  intros s r W (_ & U & H & _). unfold of_image. destruct (control_only _); [|apply fact_nil].
  apply pairs_facts. intros g v F. apply in_app_iff in F. destruct F as [F|F]; [|exact (H g v F)].
  revert F. unfold in_user_mode. destruct (control_only _); [|contradiction].
  exact (pins_true I V (is_user I) r W U g v).
Qed.

Notation first_under_condition := (first_condition_under P image).
Notation third_under_condition := (third_condition_under P image).
Lemma image_sees : forall s r, image s r -> seen P s = seen P r.
Proof. intros s r (S & _). apply seen_same. exact S. Qed.
Lemma refused_traps : forall o i, find (encodes o) (table I) = Some i ->
  refused of_image i = true -> trapping_under P image o.
Proof.
  intros o i F H s r _ W M'. simpl.
  exact (refused_sound of_image i o r of_image_controls (of_image_true s r W M') F H).
Qed.
Lemma calm_not_sensitive : forall o i, find (encodes o) (table I) = Some i ->
  calm (mirrored M) [] (code i) = true -> ~ sensitive_under P image o.
Proof.
  intros o i F Q [(s & s' & _ & E & C)|(s & r & _ & _ & M' & D)].
  - exact (C (calm_unchanged I V _ [] o i s s' nil_controls F Q (fact_nil V s) E)).
  - pose proof (image_sees s r M') as S. destruct M' as (_ & _ & _ & SH).
    exact (D (calm_same_end I V _ [] o i s r nil_controls F Q SH (fact_nil V s) (fact_nil V r) S)).
Qed.
Lemma calm_not_user_sensitive : forall o i k, find (encodes o) (table I) = Some i ->
  k = [] \/ k = in_user_mode I -> calm (mirrored M) k (code i) = true -> ~ user_sensitive_under P image o.
Proof.
  intros o i k F K Q.
  assert (C : controls_only k) by (destruct K as [-> | ->]; [apply nil_controls|apply in_user_mode_controls]).
  assert (T : forall s, within s = true -> user_state s -> true_of k s)
    by (intros s W U; destruct K as [-> | ->]; [apply fact_nil|apply in_user_mode_true; assumption]).
  intros [(s & s' & W & U & E & X)|(s & r & W1 & W2 & U & M' & D)].
  - exact (X (calm_unchanged I V _ k o i s s' C F Q (T s W U) E)).
  - pose proof (image_sees s r M') as S. destruct M' as (_ & U2 & _ & SH).
    exact (D (calm_same_end I V _ k o i s r C F Q SH (T s W1 U) (T r W2 U2) S)).
Qed.
Lemma none_sensitive : forall o, find (encodes o) (table I) = None -> ~ sensitive_under P image o.
Proof.
  intros o F [(s & s' & _ & E & _)|(s & r & _ & _ & _ & D)].
  - simpl in E. unfold Plain.carry_out in E. rewrite F in E. discriminate.
  - apply D. simpl. unfold Plain.carry_out. rewrite F. reflexivity.
Qed.
Lemma user_sensitive_under_sensitive : forall o,
  user_sensitive_under P image o -> sensitive_under P image o.
Proof.
  intros o [(s & s' & W & _ & E & C)|(s & r & W1 & W2 & _ & M' & D)].
  - left. exists s, s'. auto.
  - right. exists s, r. auto.
Qed.

Theorem first_under_sound : first_under = true -> first_under_condition.
Proof.
  intros H o S. destruct (find (encodes o) (table I)) as [i|] eqn:F.
  - unfold first_under in H. rewrite forallb_forall in H. specialize (H i (proj1 (find_some _ _ F))).
    destruct (calm _ [] (code i)) eqn:Q; [exfalso; exact (calm_not_sensitive o i F Q S)|].
    exact (refused_traps o i F H).
  - exfalso. exact (none_sensitive o F S).
Qed.
Theorem third_under_sound : third_under = true -> third_under_condition.
Proof.
  intros H o S. destruct (find (encodes o) (table I)) as [i|] eqn:F.
  - unfold third_under in H. rewrite forallb_forall in H. specialize (H i (proj1 (find_some _ _ F))).
    destruct (calm _ [] (code i)) eqn:Q;
      [exfalso; exact (calm_not_user_sensitive o i [] F (or_introl eq_refl) Q S)|].
    destruct (calm _ (in_user_mode I) (code i)) eqn:Q2;
      [exfalso; exact (calm_not_user_sensitive o i _ F (or_intror eq_refl) Q2 S)|].
    exact (refused_traps o i F H).
  - exfalso. exact (none_sensitive o F (user_sensitive_under_sensitive o S)).
Qed.

(* ------------------------------------------------------------------ refutation by a witness *)

Definition imageb (s r : St) : bool :=
  forallb (fun p => (value_of r (fst p) =? snd p)%N) (held M) &&
  forallb (fun j => (at_ (controls s) j =? at_ (controls r) j)%N) (mirrored M).
Lemma imageb_sound : forall u o s r, witnesses I V u o s r = true -> imageb s r = true -> image s r.
Proof.
  unfold witnesses, user_stateb, imageb. intros u o s r W B.
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
  repeat match goal with H : forallb _ _ = true |- _ => rewrite forallb_forall in H end.
  destruct (same_to_program_dec V s r) as [S|]; [|discriminate].
  split; [exact S|]. split.
  - intro Z. match goal with H : negb (worth _ _ r _ =? 0)%N = true |- _ => rewrite Z in H; discriminate end.
  - split.
    + intros g v F. apply N.eqb_eq. match goal with H : forall x, List.In x (held M) -> _ |- _ => exact (H (g, v) F) end.
    + intros j F. apply existsb_exists in F. destruct F as (i & F & E). apply N.eqb_eq in E. subst i.
      apply N.eqb_eq. match goal with H : forall x, List.In x (mirrored M) -> _ |- _ => exact (H j F) end.
Qed.
Lemma witnesses_under : forall u o s r, witnesses I V u o s r = true -> imageb s r = true ->
  ~ trapping_under P image o /\
  if u then user_sensitive_under P image o else sensitive_under P image o.
Proof.
  intros u o s r W B. pose proof (imageb_sound u o s r W B) as G.
  unfold witnesses, user_stateb in W.
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
  split.
  - intro T. destruct (T s r) as (c & E); try assumption. simpl in E. rewrite E in *. discriminate.
  - match goal with H : _ || _ = true |- _ => rename H into C end.
    assert (X : (exists a a', (a = s \/ a = r) /\ carry_out o a = Next a' /\ ~ left_alone V a a') \/
                ~ same_end P (carry_out o s) (carry_out o r)).
    { apply orb_prop in C. destruct C as [C|C]; [apply orb_prop in C; destruct C as [C|C]|].
      - left. destruct (changes_sound I V o s C) as (s' & E). exists s, s'. tauto.
      - left. destruct (changes_sound I V o r C) as (s' & E). exists r, s'. tauto.
      - right. apply parts_sound, C. }
    assert (UR : in_user P r) by (destruct G as (_ & U & _); exact U).
    destruct u.
    + assert (US : in_user P s)
        by (intro Z; match goal with H : negb (worth _ _ s _ =? 0)%N = true |- _ => rewrite Z in H; discriminate end).
      destruct X as [(a & a' & [-> | ->] & E & X)|X].
      * left. exists s, a'. simpl. auto.
      * left. exists r, a'. simpl. auto.
      * right. exists s, r. simpl. auto 10.
    + destruct X as [(a & a' & [-> | ->] & E & X)|X].
      * left. exists s, a'. simpl. auto.
      * left. exists r, a'. simpl. auto.
      * right. exists s, r. simpl. auto 10.
Qed.
Theorem first_refuted_under : forall o s r, witnesses I V false o s r && imageb s r = true ->
  ~ first_under_condition.
Proof.
  intros o s r H C. apply andb_prop in H. destruct H as (W & B).
  destruct (witnesses_under _ _ _ _ W B) as (N & S). exact (N (C o S)).
Qed.
Theorem third_refuted_under : forall o s r, witnesses I V true o s r && imageb s r = true ->
  ~ third_under_condition.
Proof.
  intros o s r H C. apply andb_prop in H. destruct H as (W & B).
  destruct (witnesses_under _ _ _ _ W B) as (N & S). exact (N (C o S)).
Qed.

(** What holds in user mode holds under any map. *)
Theorem under_any_map :
  (first_condition_in_user_mode P -> first_under_condition) /\
  (third_condition_in_user_mode P -> third_under_condition).
Proof. apply conditions_under; [intros s r (_ & U & _); exact U|exact image_sees]. Qed.
End Mapped.
