(** The exported machine against the program's oracle, on random states.

    tests/oracle_states.c draws the same states, lets the oracle execute one instruction and the unit of
    time that follows it, and writes down a checksum of what comes of each, with the interrupt lines that
    were asserted then; [differences] is where the machine of this theory, by [quick_timed_step], which
    is [timed_step], comes to another one; it is extracted, to OCaml.  Devices answer as they do after a reset. *)
From Coq Require Import List NArith.
Import ListNotations.
From Trapeze Require Import Slices Machine Word Tree Instance Clockwork.
Local Open Scope N_scope.

Definition size := 24%nat.     (* words of storage *)

(* ---- random numbers: shifts and exclusive or (Marsaglia's xorshift of 32 bits), which cost Coq a
   fraction of what a product does; the upper 24 bits *)
Definition low32 (x : N) : N := N.land x 4294967295.
Definition advance (x : N) : N :=
  let x := N.lxor x (low32 (N.shiftl x 13)) in
  let x := N.lxor x (N.shiftr x 17) in
  N.lxor x (low32 (N.shiftl x 5)).
Definition drawn (x : N) : N := N.shiftr x 8.
Definition seed (first i : N) : N := N.land (first + i * 2654435761) 4294967295.

(** A value and the generator after it: small, near the greatest word, or any. *)
Definition value (w x : N) : N * N :=
  let x := advance x in
  let y := N.shiftr (drawn x) 2 in
  match N.land (drawn x) 3 with
  | 0 => (N.land y 31, x)
  | 1 => (N.ones w - N.land y 31, x)
  | _ => if w <=? 16 then (N.land y (N.ones w), x)
         else let z := advance x in (N.land (N.lxor (N.shiftl y 24) (drawn z)) (N.ones w), z)
  end.
(** One below a limit, mostly. *)
Definition near (w limit x : N) : N * N :=
  let x := advance x in
  if N.land (drawn x) 7 =? 0 then value w x
  else (N.shiftr (drawn x) 3 mod limit, x).

Fixpoint values (w : N) (n : nat) (x : N) : list N * N :=
  match n with
  | O => ([], x)
  | S n => let (v, x) := value w x in let (l, x) := values w n x in (v :: l, x)
  end.
Fixpoint values_of (ws : list N) (x : N) : list N * N :=
  match ws with
  | [] => ([], x)
  | w :: ws => let (v, x) := value 32 x in let (l, x) := values_of ws x in (trunc w v :: l, x)
  end.

(** What numbers are made of, from outside. *)
Definition no_bits : N := 0.
Definition bit (lowest : bool) (rest : N) : N :=
  if lowest then N.succ_double rest else N.double rest.

(** Values of at most 64 bits as one: each in turn is added, bit by bit, to what there is, rotated by 5.
    Here nothing is rotated before the end. *)
Definition mix (h v : N) : N := N.lxor (N.shiftl h 5) v.
Fixpoint folded (fuel : nat) (h : N) : N :=
  match fuel with
  | O => h
  | S n => if h <=? N.ones 64 then h
           else folded n (N.lxor (N.land h (N.ones 64)) (N.shiftr h 64))
  end.
Definition mixed (l : list N) : N := folded (length l) (fold_left mix l 0).

Section Oracle.
Variable I : isa.
Hypothesis ok : sequence_ok I = true.
Variable visible : nat.               (* how many registers *)
Variable inputs : list (list N).      (* what devices' registers hold *)
Notation w := (width I).

(** Lines that are asserted are all that there is of devices. *)
Definition bench : world.
  refine {| wD := list N; w_in := fun d k r => (at_ (nth (N.to_nat k) inputs []) r, d);
            w_out := fun d _ _ _ => d; w_pass := fun d => d; w_event := fun _ => false;
            w_lines := fun d => d |}.
  repeat decide equality.
Defined.
Definition machine := architecture I bench ok.

(** The word of an instruction, or any word. *)
Definition instruction_word (x : N) : N * N :=
  let x := advance x in
  let (v, y) := value w x in
  match nthN (instructions I) (drawn x mod (1 + N.of_nat (length (instructions I)))) with
  | Some i => (N.lor (match_ i) (N.ldiff v (mask i)), y)
  | None => (v, y)
  end.

Definition state_of (lines : list N) (x : N) : stateA machine :=
  let (e, x) := values w size x in
  let (g, x) := values w visible x in
  let x := advance x in
  let m := if N.land (drawn x) 1 =? user_value I then Usr else Sup in
  let (p, x) := near w 24 x in
  let (l, x) := near w 8 x in
  let (b, x) := near w 32 x in
  let (c, x) := values_of (control I) x in
  let (i, x) := instruction_word x in
  mkst (updN e (l + p) i) g (Running, lines) (mkpsw m (wrap w p) (rr I l b c)).

Definition checksum (s : stateA machine) : N :=
  let p := st s in
  mixed
    (mem s ++ regs s ++ [mode_value I (pm p); val (pp p); rr_base I (pr p); rr_bound I (pr p)]
     ++ rr_control I (pr p) ++ [match fst (dev s) with Halted v => v + 1 | _ => 0 end]).

(** The numbers of the states where the oracle came to something else; of each its lines and checksum. *)
Hypothesis good : clock_ok I bench [] = true.
Fixpoint differences (first i : N) (found : list (list N * N)) : list N :=
  match found with
  | [] => []
  | (lines, h) :: t =>
      if checksum (quick_timed_step I bench [] good ok (state_of lines (seed first i))) =? h
      then differences first (N.succ i) t
      else i :: differences first (N.succ i) t
  end.
End Oracle.
