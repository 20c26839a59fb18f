(** What machines that address bytes do, in the words of Tree.v, whose loads and stores are of one
    unit: accesses to several units, to places past `translate`, and arrays of control registers.
    `trapeze prove` prints these forms.

    Each takes locals from [t] on, which are otherwise not used.  A trap leaves nothing of an
    instruction but its cause (Plain.v); so units may be reached one after the other, in ascending
    order, as the description has them translated. *)
From Coq Require Import List NArith.
Import ListNotations.
From Trapeze Require Import Word Tree Plain.
Local Open Scope N_scope.

Section Units.
Variables w u : N.         (* bits of a word, and of a unit *)
Variable big : expr.       (* not 0: the first unit is the highest part *)
Variable memory : N.       (* the trap at bad addresses *)

(** The address of unit i of what begins at the one in local t. *)
Definition address (t i : N) : expr :=
  if i =? 0 then Local t else Bin Add w (Local t) (Const i).

Definition by_order (high low : expr) : expr :=
  match big with
  | Const v => if v =? 0 then low else high
  | _ => Ite big high low
  end.

(** The value in n locals, the first of them the lowest part, or the highest. *)
Fixpoint lowest_first (t : N) (n : nat) : expr :=
  match n with
  | O => Const 0
  | S O => Local t
  | S m => Concat (u * N.of_nat m) (Local (t + N.of_nat m)) (lowest_first t m)
  end.
Fixpoint highest_first (t : N) (n : nat) : expr :=
  match n with
  | O => Const 0
  | S O => Local t
  | S m => Concat u (highest_first t m) (Local (t + N.of_nat m))
  end.
Definition value_in (t : N) (n : nat) : expr := by_order (highest_first t n) (lowest_first t n).
(** Unit i of n of the value in a local. *)
Definition part_of (t : N) (n : nat) (i : N) : expr :=
  by_order (Slice (u * (N.of_nat n - 1 - i)) u (Local t)) (Slice (u * i) u (Local t)).

(** The same statement for each unit, from 0 on. *)
Fixpoint each_from (i : N) (n : nat) (one : N -> stmt -> stmt) (rest : stmt) : stmt :=
  match n with
  | O => rest
  | S n => one i (each_from (i + 1) n one rest)
  end.
Definition each := each_from 0.

(** local k := n units at a; n units at a := e. *)
Definition LoadUnits (n : nat) (t k : N) (a : expr) (rest : stmt) : stmt :=
  Let t a (each n (fun i => Load (t + 3 + i) (address t i)) (Let k (value_in (t + 3) n) rest)).
Definition StoreUnits (n : nat) (t : N) (a e : expr) (rest : stmt) : stmt :=
  Let t a (Let (t + 3) e (each n (fun i => Store (address t i) (part_of (t + 3) n i)) rest)).

(** The same by place: what is there is the one unit that a program reaches that is relocated to it.
    A place outside of storage is a bad address. *)
Definition at_place (t i : N) (access : stmt -> stmt) (rest : stmt) : stmt :=
  If (Bin Ule w Size (address t i)) (TrapTo memory (address t i)) Done
  (SetReg RBase (address t i) (access rest)).
Definition by_place (t : N) (rest : stmt) : stmt :=
  Let (t + 1) (Reg RBase) (Let (t + 2) (Reg RBound) (SetReg RBound (Const 1) rest)).
Definition as_before (t : N) (rest : stmt) : stmt :=
  SetReg RBase (Local (t + 1)) (SetReg RBound (Local (t + 2)) rest).

Definition LoadPlace (n : nat) (t k : N) (a : expr) (rest : stmt) : stmt :=
  Let t a (by_place t
    (each n (fun i => at_place t i (Load (t + 3 + i) (Const 0)))
      (as_before t (Let k (value_in (t + 3) n) rest)))).
Definition StorePlace (n : nat) (t : N) (a e : expr) (rest : stmt) : stmt :=
  Let t a (Let (t + 3) e (by_place t
    (each n (fun i => at_place t i (Store (Const 0) (part_of (t + 3) n i)))
      (as_before t rest)))).
End Units.

(** A trap after an instruction's effects is among what the instruction leaves behind: in two registers
    behind the visible ones, the trap, counted from 1, and its operand; 0 is none.  Nothing that follows
    it in the instruction is done. *)
Definition NoTrapYet (p : N) (rest : stmt) : stmt :=
  SetReg (RVisible p) (Const 0) (SetReg (RVisible (p + 1)) (Const 0) rest).
Definition TrapAfter (p t : N) (e : expr) : stmt :=
  SetReg (RVisible (p + 1)) e (SetReg (RVisible p) (Const (t + 1)) Done).
Definition UnlessTrapped (p : N) (rest : stmt) : stmt := If (Reg (RVisible p)) Done rest Done.

(** An array of control registers, of which the first is RControl [first]: an element, 0 past the
    end, and one set, if there is such. *)
Fixpoint element_from (first : N) (n : nat) (j : N) (i : expr) : expr :=
  match n with
  | O => Const 0
  | S n => Ite (Bin Eq 64 i (Const j)) (Reg (RControl (first + j))) (element_from first n (j + 1) i)
  end.
Definition ElemControl (first : N) (count : nat) (i : expr) : expr := element_from first count 0 i.
Definition SetElemControl (first : N) (count : nat) (t : N) (i e : expr) (rest : stmt) : stmt :=
  Let t i (Let (t + 3) e
    (each count (fun j => If (Bin Eq 64 (Local t) (Const j))
                             (SetReg (RControl (first + j)) (Local (t + 3)) Done) Done) rest)).
