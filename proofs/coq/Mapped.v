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

(** What is known of a value: its bits, but for the unknown ones. *)
Record partly := { unknown : N; bits : N }.
Definition surely_is (v : N) : partly := {| unknown := 0; bits := v |}.
Definition has (x : N) (p : partly) : Prop := N.ldiff x (unknown p) = bits p.
Definition most (p : partly) : N := N.lor (bits p) (unknown p).
Definition apart (p q : partly) : bool :=
  negb (N.ldiff (N.lxor (bits p) (bits q)) (N.lor (unknown p) (unknown q)) =? 0)%N.
Definition exact_value (p : option partly) : option N :=
  match p with Some p => if (unknown p =? 0)%N then Some (bits p) else None | None => None end.
Definition is_zero (p : option partly) : bool :=
  match exact_value p with Some v => (v =? 0)%N | None => false end.

(** What is known of some of them, by number. *)
Definition known := list (N * partly).
Fixpoint of_number (l : known) (j : N) : option partly :=
  match l with
  | [] => None
  | (i, p) :: l => if (i =? j)%N then Some p else of_number l j
  end.
Definition forget (j : N) (l : known) : known := filter (fun p => negb (fst p =? j)%N) l.
Definition learn (n j : N) (p : option partly) (l : known) : known :=
  match p with
  | Some p => if (j <? n)%N then (j, p) :: forget j l else forget j l
  | None => forget j l
  end.
(** What both know. *)
Definition same (p q : partly) : bool := ((unknown p =? unknown q) && (bits p =? bits q))%N.
Definition common (a b : known) : known :=
  filter (fun p => match of_number b (fst p), of_number a (fst p) with
                   | Some q, Some r => same q (snd p) && same r (snd p)
                   | _, _ => false
                   end) a.

(** Of an operator's value: 0 and anything, or 0 shifted; comparisons that can only end in one way. *)
Definition no : option partly := Some (surely_is 0).
Definition partly_known (op : binop) (x y : option partly) : option partly :=
  match op with
  | And => if is_zero x then no else if is_zero y then no else None
  | Shl | Lshr => if is_zero x then no else None
  | Eq => match x, y with Some p, Some q => if apart p q then no else None | _, _ => None end
  | Ule => match x, y with Some p, Some q => if (most q <? bits p)%N then no else None | _, _ => None end
  | Ult => match x, y with Some p, Some q => if (most q <=? bits p)%N then no else None | _, _ => None end
  | _ => None
  end.
Definition operated (op : binop) (w : N) (x y : option partly) : option partly :=
  match exact_value x, exact_value y with
  | Some a, Some b => Some (surely_is (apply op w a b))
  | _, _ => partly_known op x y
  end.
(** Of the value of a function of one whose value is known. *)
Definition by_value (f : N -> N) (p : option partly) : option partly :=
  option_map (fun v => surely_is (f v)) (exact_value p).

Section Look.
Variables (k : facts) (f : known) (n : N).    (* registers, fields, how many locals *)
Fixpoint told (l : known) (e : expr) : option partly :=
  match e with
  | Const v => Some (surely_is v)
  | Field j => of_number f j
  | Local j => of_number l j
  | Reg r => option_map surely_is (fact k r)
  | Elem _ _ _ | Size => None
  | Not w a => by_value (fun x => N.lxor x (N.ones w)) (told l a)
  | Neg w a => by_value (neg w) (told l a)
  | Slice low w a =>
      match told l a with
      | Some p => Some {| unknown := trunc w (N.shiftr (unknown p) low);
                          bits := trunc w (N.shiftr (bits p) low) |}
      | None => None
      end
  | Zext a => told l a
  | Sext from to a => by_value (sext from to) (told l a)
  | Bin op w a b => operated op w (told l a) (told l b)
  | Concat low a b =>
      match exact_value (told l a), exact_value (told l b) with
      | Some x, Some y => Some (surely_is (N.lor (N.shiftl x low) y))
      | _, _ => None
      end
  | Ite c a b =>
      match exact_value (told l c) with
      | Some v => if (v =? 0)%N then told l b else told l a
      | None => None
      end
  end.
Fixpoint nonzero (l : known) (e : expr) : bool :=
  match told l e with
  | Some p => negb (bits p =? 0)%N
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
      match (match exact_value (told l e) with
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
(** For each value of two bits of one of the fields, one of them above the other. *)
Definition two_bits (w low v : N) : partly :=
  {| unknown := N.ldiff (N.ones w) (N.shiftl 3 low); bits := N.shiftl v low |}.
Fixpoint some_bits (k : facts) (i : instruction) (j w : N) (n : nat) : bool :=
  match n with
  | O => false
  | S n => if every 4 (fun v => traps k [(j, two_bits w (N.of_nat n) v)] i) then true
           else some_bits k i j w n
  end.
Fixpoint by_field (k : facts) (i : instruction) (j : N) (fs : list (N * N)) : bool :=
  match fs with
  | [] => false
  | (_, w) :: fs => if some_bits k i j w (N.to_nat w) then true else by_field k i (j + 1) fs
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
  forall j p, of_number l j = Some p -> has (at_ xs j) p.
Lemma agrees_nil : forall xs, agrees [] xs. Proof. intros xs j p H. discriminate. Qed.

Lemma has_surely : forall v, has v (surely_is v). Proof. intro v. apply N.ldiff_0_r. Qed.
Lemma exact_has : forall x o v, exact_value o = Some v -> (forall p, o = Some p -> has x p) -> x = v.
Proof.
  intros x [p|] v H A; [|discriminate]. simpl in H. specialize (A p eq_refl). unfold has in A.
  destruct (N.eqb_spec (unknown p) 0) as [E|]; [|discriminate]. rewrite E, N.ldiff_0_r in A. congruence.
Qed.
Lemma has_least : forall x p, has x p -> (bits p <= x)%N.
Proof.
  unfold has. intros x p <-. apply N.ldiff_le. apply N.bits_inj. intro i.
  rewrite !N.ldiff_spec, N.bits_0. destruct (N.testbit x i), (N.testbit (unknown p) i); reflexivity.
Qed.
Lemma has_most : forall x p, has x p -> (x <= most p)%N.
Proof.
  unfold has, most. intros x p <-. apply N.ldiff_le. apply N.bits_inj. intro i.
  rewrite !N.ldiff_spec, N.lor_spec, N.ldiff_spec, N.bits_0.
  destruct (N.testbit x i), (N.testbit (unknown p) i); reflexivity.
Qed.
Lemma has_apart : forall x p q, apart p q = true -> has x p -> ~ has x q.
Proof.
  unfold apart, has. intros x p q H A B. rewrite <- A, <- B in H.
  match type of H with negb (?a =? 0)%N = true => assert (Z : a = 0%N) end.
  { apply N.bits_inj. intro i. rewrite !N.ldiff_spec, N.lxor_spec, !N.ldiff_spec, N.lor_spec, N.bits_0.
    destruct (N.testbit x i), (N.testbit (unknown p) i), (N.testbit (unknown q) i); reflexivity. }
  rewrite Z in H. discriminate.
Qed.
Lemma has_slice : forall x p w low, has x p ->
  has (trunc w (N.shiftr x low)) {| unknown := trunc w (N.shiftr (unknown p) low);
                                    bits := trunc w (N.shiftr (bits p) low) |}.
Proof.
  unfold has, trunc. simpl. intros x p w low <-. apply N.bits_inj. intro i.
  rewrite !N.ldiff_spec, !N.land_spec, !N.shiftr_spec, N.ldiff_spec by lia.
  destruct (N.testbit x (i + low)), (N.testbit (unknown p) (i + low)), (N.testbit (N.ones w) i); reflexivity.
Qed.
Lemma has_two_bits : forall x w low, (x < 2 ^ w)%N ->
  exists v, (v < 4)%N /\ has x (two_bits w low v).
Proof.
  intros x w low L. exists (N.land (N.shiftr x low) 3). split.
  - change 3%N with (N.ones 2). rewrite N.land_ones. apply N.mod_lt. discriminate.
  - unfold has, two_bits. cbn [unknown bits]. apply N.bits_inj. intro i.
    rewrite !N.ldiff_spec.
    assert (X : N.testbit x i = true -> N.testbit (N.ones w) i = true).
    { rewrite <- (N.mod_small x (2 ^ w)) by exact L. rewrite <- N.land_ones, N.land_spec.
      intro H. apply andb_prop in H. tauto. }
    assert (Y : N.testbit (N.shiftl 3 low) i && N.testbit x i =
                N.testbit (N.shiftl (N.land (N.shiftr x low) 3) low) i).
    { destruct (N.ltb_spec i low) as [B|B].
      - rewrite !N.shiftl_spec_low by exact B. reflexivity.
      - rewrite !N.shiftl_spec_high' by exact B. rewrite N.land_spec, N.shiftr_spec by lia.
        replace (i - low + low)%N with i by lia. apply andb_comm. }
    rewrite <- Y. destruct (N.testbit x i); [rewrite X by reflexivity|];
    destruct (N.testbit (N.shiftl 3 low) i); reflexivity.
Qed.

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
  (forall p, o = Some p -> has v p) -> agrees (learn n j o l) (updN xs j v).
Proof.
  intros n l xs j [u|] v A L E; unfold learn; [|apply agrees_forget, A].
  specialize (E u eq_refl). destruct (N.ltb_spec j n); [|apply agrees_forget, A].
  intros i t H'. simpl in H'. destruct (N.eqb_spec j i) as [->|NE].
  - injection H' as <-. rewrite at_updN, N.eqb_refl. destruct (N.ltb_spec i (N.of_nat (length xs))); [exact E|lia].
  - exact (agrees_forget l xs j v A i t H').
Qed.
Lemma same_is : forall p q, same p q = true -> p = q.
Proof.
  unfold same. intros [a b] [c d] H. apply andb_prop in H. destruct H as (H1 & H2).
  apply N.eqb_eq in H1, H2. simpl in *. congruence.
Qed.
Lemma agrees_common : forall a b xs, agrees a xs \/ agrees b xs -> agrees (common a b) xs.
Proof.
  intros a b xs A j v H.
  assert (Q : of_number a j = Some v /\ of_number b j = Some v).
  { unfold common in H. revert H. generalize a at 2 as c. intro c. induction c as [|(i, u) c IH]; simpl.
    - discriminate.
    - destruct (of_number b i) as [x|] eqn:B; [|exact IH].
      destruct (of_number a i) as [y|] eqn:E; [|exact IH].
      destruct (same x u) eqn:SX; [|exact IH]. destruct (same y u) eqn:SY; [|exact IH].
      apply same_is in SX, SY. subst x y.
      simpl. destruct (N.eqb_spec i j) as [->|]; [|exact IH]. intro H. injection H as <-. auto. }
  destruct Q. destruct A as [A|A]; apply A; assumption.
Qed.

Lemma is_zero_has : forall x o, is_zero o = true -> (forall p, o = Some p -> has x p) -> x = 0%N.
Proof.
  unfold is_zero. intros x o H A. destruct (exact_value o) as [v|] eqn:E; [|discriminate].
  apply N.eqb_eq in H. subst v. exact (exact_has x o 0 E A).
Qed.
Lemma no_has : forall p, no = Some p -> has 0 p.
Proof. intros p H. injection H as <-. apply has_surely. Qed.
Lemma operated_has : forall op w x y a b p, operated op w x y = Some p ->
  (forall q, x = Some q -> has a q) -> (forall q, y = Some q -> has b q) -> has (apply op w a b) p.
Proof.
  intros op w x y a b p H A B.
  assert (K : partly_known op x y = Some p -> has (apply op w a b) p).
  { clear H. unfold partly_known. intro H. destruct op; try discriminate.
    - destruct (is_zero x) eqn:Z; [rewrite (is_zero_has a x Z A); exact (no_has p H)|].
      destruct (is_zero y) eqn:Y; [|discriminate]. rewrite (is_zero_has b y Y B). simpl.
      rewrite N.land_0_r. exact (no_has p H).
    - destruct (is_zero x) eqn:Z; [|discriminate]. rewrite (is_zero_has a x Z A). simpl.
      replace (if (b <? w)%N then _ else 0%N) with 0%N; [exact (no_has p H)|].
      destruct (b <? w)%N; [|reflexivity]. rewrite ?N.shiftl_0_l. reflexivity.
    - destruct (is_zero x) eqn:Z; [|discriminate]. rewrite (is_zero_has a x Z A). simpl.
      unfold shift_right. replace (if (b <? w)%N then _ else 0%N) with 0%N; [exact (no_has p H)|].
      destruct (b <? w)%N; [|reflexivity]. rewrite N.shiftr_0_l. reflexivity.
    - destruct x as [q|]; [|discriminate]. destruct y as [r|]; [|discriminate].
      destruct (apart q r) eqn:E; [|discriminate]. simpl.
      destruct (N.eqb_spec a b) as [->|]; [|exact (no_has p H)].
      exfalso. exact (has_apart b q r E (A q eq_refl) (B r eq_refl)).
    - destruct x as [q|]; [|discriminate]. destruct y as [r|]; [|discriminate].
      destruct (N.leb_spec (most r) (bits q)) as [E|]; [|discriminate]. simpl.
      pose proof (has_least a q (A q eq_refl)). pose proof (has_most b r (B r eq_refl)).
      destruct (N.ltb_spec a b); [lia|exact (no_has p H)].
    - destruct x as [q|]; [|discriminate]. destruct y as [r|]; [|discriminate].
      destruct (N.ltb_spec (most r) (bits q)) as [E|]; [|discriminate]. simpl.
      pose proof (has_least a q (A q eq_refl)). pose proof (has_most b r (B r eq_refl)).
      destruct (N.leb_spec a b); [lia|exact (no_has p H)]. }
  unfold operated in H. destruct (exact_value x) as [u|] eqn:U; [|auto].
  destruct (exact_value y) as [v|] eqn:E; [|auto].
  rewrite (exact_has a x u U A), (exact_has b y v E B). injection H as <-. apply has_surely.
Qed.
Lemma by_value_has : forall f o x p, by_value f o = Some p -> (forall q, o = Some q -> has x q) ->
  has (f x) p.
Proof.
  unfold by_value. intros f o x p H A. destruct (exact_value o) as [v|] eqn:E; [|discriminate].
  rewrite (exact_has x o v E A). injection H as <-. apply has_surely.
Qed.

Section Sound.
Variables (k : facts) (f : known) (n : N) (fs : list N).
Hypothesis fields_known : agrees f fs.
Hypothesis controls_known : controls_only k.

Lemma told_worth : forall l xs e p (s : St), told k f l e = Some p -> true_of k s -> agrees l xs ->
  has (worth fs xs s e) p.
Proof.
  intros l xs e. induction e; intros p s H T A; simpl in H; try discriminate; simpl.
  - injection H as <-. apply has_surely.
  - exact (fields_known _ _ H).
  - exact (A _ _ H).
  - destruct (fact k r) as [v|] eqn:F; [|discriminate]. injection H as <-. rewrite (T _ _ F).
    apply has_surely.
  - refine (by_value_has (fun x => N.lxor x (N.ones w)) _ _ _ H _). intros q E. eapply IHe; eauto.
  - eapply by_value_has; [exact H|]. intros q E. eapply IHe; eauto.
  - destruct (told k f l e) as [q|] eqn:E; [|discriminate]. injection H as <-.
    apply has_slice. eapply IHe; eauto.
  - eapply IHe; eauto.
  - eapply by_value_has; [exact H|]. intros q E. eapply IHe; eauto.
  - eapply operated_has; [exact H| |]; intros q E; [eapply IHe1|eapply IHe2]; eauto.
  - destruct (exact_value (told k f l e1)) as [a|] eqn:E1; [|discriminate].
    destruct (exact_value (told k f l e2)) as [b|] eqn:E2; [|discriminate]. injection H as <-.
    rewrite (exact_has _ _ a E1 (fun q E => IHe1 q s E T A)), (exact_has _ _ b E2 (fun q E => IHe2 q s E T A)).
    apply has_surely.
  - destruct (exact_value (told k f l e1)) as [c|] eqn:E1; [|discriminate].
    rewrite (exact_has _ _ c E1 (fun q E => IHe1 q s E T A)). destruct (c =? 0)%N; eauto.
Qed.
Lemma nonzero_worth : forall l xs e (s : St), nonzero k f l e = true -> true_of k s -> agrees l xs ->
  worth fs xs s e <> 0%N.
Proof.
  intros l xs e s. induction e; intros H T A;
  match goal with |- worth _ _ _ ?x <> _ => destruct (told k f l x) as [p|] eqn:E;
    [pose proof (told_worth l xs x p s E T A) as B; cbn [nonzero] in H; rewrite E in H; intro Z;
     rewrite Z in B; unfold has in B; rewrite N.ldiff_0_l in B; rewrite <- B in H; discriminate|]
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
  - set (p := match exact_value (told k f l e) with Some v => _ | None => _ end).
    set (o := go fs (if (worth fs (locals_ x) (at_present x) e =? 0)%N then c2 else c1) x).
    assert (S : as_seen p o).
    { unfold p, o. destruct (exact_value (told k f l e)) as [v|] eqn:E.
      - rewrite (exact_has _ _ v E (fun q F => told_worth l _ e q _ F T A)). destruct (v =? 0)%N; auto.
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
  cbn [by_field] in H. destruct (some_bits k i (N.of_nat j) w (N.to_nat w)) eqn:B.
  - pose proof (A 0 (lo, w) eq_refl) as Q. rewrite Nat.add_0_r in Q.
    destruct (field_fits o i j (lo, w) Q) as (x & E & L). simpl in L. clear H.
    revert B. generalize (N.to_nat w) as n. induction n as [|n IHn]; intro B; [discriminate|].
    cbn [some_bits] in B. match type of B with (if ?b then _ else _) = _ => destruct b eqn:H end; [|auto].
    destruct (has_two_bits x w (N.of_nat n) L) as (v & V4 & X).
    apply (traps_sound k [(N.of_nat j, two_bits w (N.of_nat n) v)] i o s C T); [|exact F|].
    + intros a u U. simpl in U. destruct (N.eqb_spec (N.of_nat j) a) as [<-|]; [|discriminate].
      injection U as <-. unfold at_. rewrite nthN_nth, Nnat.Nat2N.id, E. exact X.
    + exact (every_number _ _ H v V4).
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
