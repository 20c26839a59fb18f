(** A plain machine against the program's oracle, on random states: Oracle.v, for Plain.v.

    tests/oracle_states.c draws the same states, lets the oracle execute the instruction at P, and writes
    down a checksum of the state that it ends in, or of the trap and its operand. *)
From Coq Require Import List NArith.
Import ListNotations.
From Trapeze Require Import Slices Machine Word Tree Plain Oracle.
Local Open Scope N_scope.

Section Oracle.
Variable I : plain.
Variable inputs : list (list N).      (* what devices' registers hold *)
Notation w := (word_width I).

Definition plain_bench : world.
  refine {| wD := unit; w_in := fun d k r => (at_ (nth (N.to_nat k) inputs []) r, d);
            w_out := fun d _ _ _ => d; w_pass := fun d => d; w_event := fun _ => false;
            w_lines := fun _ => [] |}.
  decide equality.
Defined.

(** A value of a word for each register, cut to its width. *)
Fixpoint cut_values (draw : N) (ws : list N) (x : N) : list N * N :=
  match ws with
  | [] => ([], x)
  | n :: ws =>
      let (v, x) := value draw x in
      let (l, x) := cut_values draw ws x in (trunc n v :: l, x)
  end.
Definition plain_word (x : N) : N * N :=
  let x := advance x in
  let (v, y) := value w x in
  match nthN (table I) (drawn x mod (1 + N.of_nat (length (table I)))) with
  | Some i => (N.lor (match_ i) (N.ldiff v (mask i)), y)
  | None => (v, y)
  end.

Definition plain_state_of (x : N) : configuration unit :=
  let (e, x) := values w size x in
  let (g, x) := cut_values w (visible_widths I) x in
  let x := advance x in
  let m := trunc (mode_width I) (drawn x) in
  let (p, x) := near w 24 x in
  let p := trunc (address_width I) p in
  let (l, x) := near w 8 x in
  let (b, x) := near w 32 x in
  let (c, x) := cut_values 32 (control_widths I) x in
  let (i, x) := plain_word x in
  {| storage := updN e (l + p) i; mode_ := m; place := p; base_ := l; bound_ := b;
     controls := c; visibles := g; outside := (Running, tt) |}.

Definition outcome_sum (o : outcome (configuration unit) tcause) : N :=
  fold_left mix
    match o with
    | Next s =>
        storage s ++ visibles s ++ [mode_ s; place s; base_ s; bound_ s] ++ controls s
        ++ [match fst (outside s) with Halted v => v + 1 | _ => 0 end]
    | Trap (t, operand) => [t; operand]
    end 0.

(** The numbers of the states where the oracle came to something else, or that are no states. *)
Fixpoint plain_differences (first i : N) (found : list N) : list N :=
  match found with
  | [] => []
  | h :: t =>
      let s := plain_state_of (seed first i) in
      if within I plain_bench s && (outcome_sum (outcome_of I plain_bench s) =? h)
      then plain_differences first (N.succ i) t
      else i :: plain_differences first (N.succ i) t
  end%bool.
End Oracle.
