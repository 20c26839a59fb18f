(** A plain machine against the program's oracle, on random states: Oracle.v, for Plain.v.

    tests/oracle_states.c draws the same states, lets the oracle execute the instruction at P, and writes
    down a checksum of the state that it ends in, or of the trap and its operand.  What is compared with
    that is extracted from here. *)
From Coq Require Import List NArith.
Import ListNotations.
From Trapeze Require Import Slices Machine Word Tree Plain Oracle.
Local Open Scope N_scope.

Section Oracle.
Variable I : plain.
Variables own_visible own_control : nat.   (* registers that the machine has, not only its data *)
Variable reads_time : bool.           (* is the one behind the control registers the time? *)
Variable inputs : list (list N).      (* what devices' registers hold *)
Variable stream : N.                  (* what values come from that the architecture leaves open *)
Notation w := (word_width I).

(** The stream that values come from which the architecture leaves open (machine/oracle.h), so wide. *)
Definition low64 (x : N) : N := N.land x (N.ones 64).
Definition drawn_open (w x : N) : N * N :=
  let x := low64 (x * 6364136223846793005 + 1) in
  (N.shiftr (N.lxor x (N.shiftr x 32)) (64 - w), x).

(** All there is of devices: that stream, as the one behind the others. *)
Definition plain_bench : world.
  refine {| wD := N;
            w_in := fun d k r =>
              if k =? N.of_nat (length inputs) then drawn_open r d
              else (at_ (nth (N.to_nat k) inputs []) r, d);
            w_out := fun d _ _ _ => d; w_pass := fun d => d; w_event := fun _ => false;
            w_lines := fun _ => [] |}.
  apply N.eq_dec.
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
  let (v, y) := value (unit_width I * N.of_nat (instruction_units I)) x in
  match nthN (table I) (drawn x mod (1 + N.of_nat (length (table I)))) with
  | Some i => (N.lor (match_ i) (N.ldiff v (mask i)), y)
  | None => (v, y)
  end.

(** The units of a value, the lowest first, and a list with others from k on. *)
Fixpoint split (n : nat) (v : N) : list N :=
  match n with
  | O => []
  | S n => trunc (unit_width I) v :: split n (N.shiftr v (unit_width I))
  end.
Fixpoint put_units (e : list N) (k : N) (l : list N) : list N :=
  match l with
  | [] => e
  | v :: l => put_units (updN e k v) (k + 1) l
  end.
Definition as_units (o : N) : list N :=
  let l := split (instruction_units I) o in if high_first I then rev l else l.

(** A list, and zeros behind it: a value for each width. *)
Definition filled (ws l : list N) : list N := l ++ repeat 0 (length ws - length l).

(** Bytes are more than words. *)
Definition times : N := if unit_width I =? w then 1 else 2.

Definition plain_state_of (x : N) : configuration N :=
  let (e, x) := values (unit_width I) (size * N.to_nat times) x in
  let (g, x) := cut_values w (firstn own_visible (visible_widths I)) x in
  let x := advance x in
  let m := trunc (mode_width I) (drawn x) in
  let (p, x) := near w (24 * times) x in
  let p := trunc (address_width I) p in
  let (l, x) := near w (8 * times) x in
  let (b, x) := near w (32 * times) x in
  let (c, x) := cut_values 32 (firstn own_control (control_widths I)) x in
  let (t, x) := value 32 x in
  let (i, x) := plain_word x in
  {| storage := put_units e (l + p) (as_units i); mode_ := m; place := p; base_ := l; bound_ := b;
     controls := filled (control_widths I) (c ++ if reads_time then [t] else []);
     visibles := filled (visible_widths I) g; outside := (Running, stream) |}.

(** The trap that an instruction has left behind its effects (Units.v). *)
Definition left_behind (s : configuration N) : list N :=
  match skipn own_visible (visibles s) with
  | t :: operand :: _ => if t =? 0 then [] else [t; operand]
  | _ => []
  end.
Definition outcome_sum (o : outcome (configuration N) tcause) : N :=
  mixed
    match o with
    | Next s =>
        storage s ++ firstn own_visible (visibles s) ++ [mode_ s; place s; base_ s; bound_ s]
        ++ firstn own_control (controls s)
        ++ [match fst (outside s) with Halted v => v + 1 | _ => 0 end] ++ left_behind s
    | Trap (t, operand) => [t; operand]
    end.

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
