(** Words of a fixed width: numbers below 2^n, with their proof, so that equality is plain and
    decidable.  No axiom, no primitive integer. *)
From Coq Require Import List NArith Lia Bool Eqdep_dec.
Import ListNotations.

(** The low n bits. *)
Definition trunc (n x : N) : N := N.land x (N.ones n).
Definition fits (n x : N) : bool := (x <? 2 ^ n)%N.

Lemma trunc_mod : forall n x, trunc n x = (x mod 2 ^ n)%N.
Proof. intros. apply N.land_ones. Qed.
Lemma trunc_fits : forall n x, fits n (trunc n x) = true.
Proof.
  intros. rewrite trunc_mod. apply N.ltb_lt, N.mod_lt, N.pow_nonzero. discriminate.
Qed.
Lemma trunc_small : forall n x, fits n x = true -> trunc n x = x.
Proof. intros n x H. rewrite trunc_mod. apply N.mod_small, N.ltb_lt, H. Qed.

Definition word (n : N) := { x : N | fits n x = true }.
Definition val {n} (b : word n) : N := proj1_sig b.
Definition wrap (n x : N) : word n := exist _ (trunc n x) (trunc_fits n x).

(** A value with a decidable property is equal to another if the values are. *)
Lemma sig_eq : forall (A : Type) (p : A -> bool) (a b : { x : A | p x = true }),
  proj1_sig a = proj1_sig b -> a = b.
Proof.
  intros A p [a Ha] [b Hb]; simpl; intros <-. f_equal. apply UIP_dec. apply bool_dec.
Qed.
Definition sig_dec : forall (A : Type) (p : A -> bool), (forall x y : A, {x = y} + {x <> y}) ->
  forall a b : { x : A | p x = true }, {a = b} + {a <> b}.
Proof.
  intros A p H a b. destruct (H (proj1_sig a) (proj1_sig b)) as [E|E];
  [left; apply sig_eq; exact E|right; congruence].
Defined.
Definition word_dec n : forall a b : word n, {a = b} + {a <> b} := sig_dec N (fits n) N.eq_dec.

Lemma wrap_val : forall n (b : word n), wrap n (val b) = b.
Proof. intros n b. apply sig_eq. simpl. apply trunc_small. exact (proj2_sig b). Qed.
Lemma val_wrap : forall n x, fits n x = true -> val (wrap n x) = x.
Proof. intros. simpl. apply trunc_small. exact H. Qed.

(** P + 1 of P can be taken back. *)
Lemma wrap_back : forall n (b : word n) k,
  wrap n (trunc n (val b + k) + (2 ^ n - trunc n k)) = b.
Proof.
  intros n b k. apply sig_eq. simpl. rewrite !trunc_mod.
  assert (NZ : (2 ^ n <> 0)%N) by (apply N.pow_nonzero; discriminate).
  pose proof (proj2_sig b) as F. apply N.ltb_lt in F. change (proj1_sig b) with (val b) in *.
  set (M := (2 ^ n)%N) in *. pose proof (N.mod_lt k M NZ) as KM.
  rewrite N.add_mod_idemp_l by exact NZ.
  rewrite (N.div_mod k M NZ) at 1.
  replace (val b + (M * (k / M) + k mod M) + (M - k mod M))%N
    with (val b + (k / M + 1) * M)%N by lia.
  rewrite N.mod_add by exact NZ. apply N.mod_small. exact F.
Qed.

Local Open Scope N_scope.
(** The operators of isa/tree.h, on values within their width: arith_apply of isa/arith.h. *)
Inductive binop :=
| Add | Sub | Mul | Udiv | Urem | Sdiv | Srem | And | Or | Xor | Shl | Lshr | Ashr
| Eq | Ne | Ult | Ule | Slt | Sle.

Definition truth (b : bool) : N := if b then 1 else 0.
Definition negative (w a : N) : bool := N.testbit a (w - 1).
Definition neg (w a : N) : N := trunc w (2 ^ w - a).
Definition sext (from to a : N) : N := if negative from a then a + (2 ^ to - 2 ^ from) else a.
Definition udiv (w a b : N) : N := if b =? 0 then N.ones w else a / b.
Definition urem (a b : N) : N := if b =? 0 then a else a mod b.
Definition magnitude (w a : N) : N := if negative w a then neg w a else a.
Definition shift_right (w a b : N) : N := if b <? w then N.shiftr a b else 0.
(* signed comparison is the unsigned one with the sign turned round *)
Definition biased (w a : N) : N := trunc w (a + 2 ^ (w - 1)).

Definition apply (op : binop) (w a b : N) : N :=
  match op with
  | Add => trunc w (a + b)
  | Sub => trunc w (a + (2 ^ w - b))
  | Mul => trunc w (a * b)
  | Udiv => udiv w a b
  | Urem => urem a b
  | Sdiv => let q := udiv w (magnitude w a) (magnitude w b) in
            trunc w (if xorb (negative w a) (negative w b) then neg w q else q)
  | Srem => let r := urem (magnitude w a) (magnitude w b) in
            trunc w (if negative w a then neg w r else r)
  | And => N.land a b
  | Or => N.lor a b
  | Xor => N.lxor a b
  | Shl => if b <? w then trunc w (N.shiftl a b) else 0
  | Lshr => shift_right w a b
  | Ashr => if negative w a
            then if b <? w then N.lor (N.shiftr a b) (N.shiftl (N.ones b) (w - b)) else N.ones w
            else shift_right w a b
  | Eq => truth (a =? b)
  | Ne => truth (negb (a =? b))
  | Ult => truth (a <? b)
  | Ule => truth (a <=? b)
  | Slt => truth (biased w a <? biased w b)
  | Sle => truth (biased w a <=? biased w b)
  end.
