(** Machines with base and bounds that the theory of monitors does not reach: their trap exchanges no
    program status words, P is less than a word, user mode is more than one value of M, or they
    address bytes.

    A state here is all registers, each of its own width, and storage in units, words or bytes; code
    means what it means in Tree.v, with loads and stores of one unit.  Those of several are made of
    them, as is all else that machines with bytes do: Units.v.  There is no trap: an instruction that traps ends with its cause, and that is
    all that the conditions of Theorems 1 and 3 ask of it (Processor.v).  `trapeze prove` prints such
    a machine as a value of [plain]. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Word Tree Processor.

Record plain := {
  word_width : N;             (* of addresses, relocation and bound *)
  unit_width : N;             (* of what an address names: a word, or 8 *)
  instruction_units : nat;    (* the length of an instruction *)
  high_first : bool;          (* its first unit is the highest part of it *)
  address_width : N;          (* of P *)
  mode_width : N;
  control_widths : list N;    (* of the control registers without a role *)
  visible_widths : list N;
  is_user : expr;             (* not 0 in user mode *)
  illegal_trap : N; memory_fault : N;
  relocate : stmt; relocated : N;    (* as [translate] and [result_local] of Tree.v *)
  table : list instruction
}.

(** `translate` where the kind of access, its local 1, is known: 0 to fetch, 1 to read, 2 to write. *)
Definition known_access (access : N) (e : expr) : option bool :=
  match e with
  | Bin Eq _ (Local 1%N) (Const v) => Some (access =? v)%N
  | _ => None
  end.
(** One piece of code, and another after it. *)
Fixpoint followed (c rest : stmt) : stmt :=
  match c with
  | Done => rest
  | Let k e r => Let k e (followed r rest)
  | SetReg g e r => SetReg g e (followed r rest)
  | SetElem first count i e r => SetElem first count i e (followed r rest)
  | Goto e r => Goto e (followed r rest)
  | Load k a r => Load k a (followed r rest)
  | Store a e r => Store a e (followed r rest)
  | In k d e r => In k d e (followed r rest)
  | Out d e v r => Out d e v (followed r rest)
  | If e body other r => If e body other (followed r rest)
  | TrapTo t e => TrapTo t e
  | Halt e r => Halt e (followed r rest)
  | Wait r => Wait (followed r rest)
  end.
Fixpoint with_access (access : N) (c : stmt) : stmt :=
  match c with
  | Let k e r => Let k e (with_access access r)
  | If e body other r =>
      match known_access access e with
      | Some true => followed (with_access access body) (with_access access r)
      | Some false => followed (with_access access other) (with_access access r)
      | None => If e (with_access access body) (with_access access other) (with_access access r)
      end
  | c => c
  end.
Fixpoint keeps_access (c : stmt) : bool :=
  match c with
  | Done | TrapTo _ _ => true
  | Let k _ r | Load k _ r | In k _ _ r => negb (k =? 1)%N && keeps_access r
  | SetReg _ _ r | SetElem _ _ _ _ r | Goto _ r | Store _ _ r | Out _ _ _ r | Halt _ r | Wait r =>
      keeps_access r
  | If _ body other r => keeps_access body && keeps_access other && keeps_access r
  end.
Definition of_access (access : N) (c : stmt) : stmt :=
  if keeps_access c then with_access access c else c.
(** The first trap in a piece of code. *)
Fixpoint first_trap (c : stmt) : option N :=
  match c with
  | TrapTo t _ => Some t
  | Let _ _ r => first_trap r
  | If _ body other r =>
      match first_trap body with
      | Some t => Some t
      | None => match first_trap other with Some t => Some t | None => first_trap r end
      end
  | _ => None
  end.
(** What a bad address traps to. *)
Definition fault (I : plain) (access : N) : N :=
  match first_trap (of_access access (relocate I)) with Some t => t | None => memory_fault I end.
Definition is_fault (I : plain) (t : N) : bool :=
  (t =? memory_fault I)%N || (t =? fault I 0)%N || (t =? fault I 1)%N || (t =? fault I 2)%N.

(** S = <E, M, P, R>, the other control registers, the visible ones, and the devices. *)
Record configuration (D : Type) := {
  storage : list N; mode_ : N; place : N; base_ : N; bound_ : N;
  controls : list N; visibles : list N; outside : status * D }.
Arguments storage {D}. Arguments mode_ {D}. Arguments place {D}. Arguments base_ {D}.
Arguments bound_ {D}. Arguments controls {D}. Arguments visibles {D}. Arguments outside {D}.

Section Meaning.
Context (I : plain) (V : world).
Notation St := (configuration (wD V)).

(** The states that there are: every value within its width. *)
Definition within (s : St) : bool :=
  forallb (fits (unit_width I)) (storage s) && (N.of_nat (length (storage s)) <=? 2 ^ word_width I)%N &&
  fits (mode_width I) (mode_ s) && fits (address_width I) (place s) &&
  fits (word_width I) (base_ s) && fits (word_width I) (bound_ s) &&
  all_fit (control_widths I) (controls s) && all_fit (visible_widths I) (visibles s).

Definition value_of (s : St) (r : reg) : N :=
  match r with
  | RMode => mode_ s
  | RPc => place s
  | RBase => base_ s
  | RBound => bound_ s
  | RControl k => at_ (controls s) k
  | RVisible k => at_ (visibles s) k
  end.
Definition give (s : St) (r : reg) (v : N) : St :=
  match r with
  | RMode => {| storage := storage s; mode_ := v; place := place s; base_ := base_ s;
      bound_ := bound_ s; controls := controls s; visibles := visibles s; outside := outside s |}
  | RPc => {| storage := storage s; mode_ := mode_ s; place := v; base_ := base_ s;
      bound_ := bound_ s; controls := controls s; visibles := visibles s; outside := outside s |}
  | RBase => {| storage := storage s; mode_ := mode_ s; place := place s; base_ := v;
      bound_ := bound_ s; controls := controls s; visibles := visibles s; outside := outside s |}
  | RBound => {| storage := storage s; mode_ := mode_ s; place := place s; base_ := base_ s;
      bound_ := v; controls := controls s; visibles := visibles s; outside := outside s |}
  | RControl k => {| storage := storage s; mode_ := mode_ s; place := place s; base_ := base_ s;
      bound_ := bound_ s; controls := updN (controls s) k v; visibles := visibles s;
      outside := outside s |}
  | RVisible k => {| storage := storage s; mode_ := mode_ s; place := place s; base_ := base_ s;
      bound_ := bound_ s; controls := controls s; visibles := updN (visibles s) k v;
      outside := outside s |}
  end.
Definition put_storage (s : St) (e : list N) : St :=
  {| storage := e; mode_ := mode_ s; place := place s; base_ := base_ s; bound_ := bound_ s;
     controls := controls s; visibles := visibles s; outside := outside s |}.
Definition put_outside (s : St) (d : status * wD V) : St :=
  {| storage := storage s; mode_ := mode_ s; place := place s; base_ := base_ s; bound_ := bound_ s;
     controls := controls s; visibles := visibles s; outside := d |}.

(** What the program reaches: E[l] to E[l+b-1], cut off at the end of storage. *)
Definition reached (s : St) : list N := sliceN (base_ s) (bound_ s) (storage s).

Section Expressions.
Variables (f : list N) (l : list N) (s : St).    (* fields, locals *)
Fixpoint worth (e : expr) : N :=
  match e with
  | Const v => v
  | Field k => at_ f k
  | Local k => at_ l k
  | Reg r => value_of s r
  | Elem first count i =>
      let n := worth i in if (n <? count)%N then at_ (visibles s) (first + n) else 0
  | Size => N.of_nat (length (storage s))
  | Not n a => N.lxor (worth a) (N.ones n)
  | Neg n a => neg n (worth a)
  | Slice low n a => trunc n (N.shiftr (worth a) low)
  | Zext a => worth a
  | Sext from to a => sext from to (worth a)
  | Bin op n a b => apply op n (worth a) (worth b)
  | Concat low a b => N.lor (N.shiftl (worth a) low) (worth b)
  | Ite c a b => if (worth c =? 0)%N then worth b else worth a
  end.
End Expressions.

(** An instruction under way: the state, locals, and where execution will go on. *)
Record course := { at_present : St; locals_ : list N; onward : N }.
Definition with_state (x : course) (s : St) :=
  {| at_present := s; locals_ := locals_ x; onward := onward x |}.
Definition with_local (x : course) (k v : N) :=
  {| at_present := at_present x; locals_ := updN (locals_ x) k v; onward := onward x |}.

Section Statements.
Variable f : list N.
Fixpoint go (c : stmt) (x : course) : outcome course tcause :=
  let s := at_present x in
  let value := worth f (locals_ x) s in
  match c with
  | Done => Next x
  | Let k e r => go r (with_local x k (value e))
  | SetReg g e r => go r (with_state x (give s g (value e)))
  | SetElem first count i e r =>
      let n := value i in
      go r (if (n <? count)%N then with_state x (give s (RVisible (first + n)) (value e)) else x)
  | Goto e r => go r {| at_present := s; locals_ := locals_ x; onward := value e |}
  | Load k a r =>
      match nthN (reached s) (value a) with
      | Some v => go r (with_local x k v)
      | None => Trap (fault I 1, value a)
      end
  | Store a e r =>
      match nthN (reached s) (value a) with
      | Some _ => go r (with_state x (put_storage s (updN (storage s) (base_ s + value a) (value e))))
      | None => Trap (fault I 2, value a)
      end
  | In k d e r =>
      let (v, d') := w_in V (snd (outside s)) d (value e) in
      go r (with_local (with_state x (put_outside s (fst (outside s), d'))) k v)
  | Out d e v r =>
      go r (with_state x (put_outside s (fst (outside s), w_out V (snd (outside s)) d (value e) (value v))))
  | If e body other r =>
      match go (if (value e =? 0)%N then other else body) x with
      | Next x' => go r x'
      | Trap c => Trap c
      end
  | TrapTo t e => Trap (t, value e)
  | Halt e r => go r (with_state x (put_outside s (Halted (value e), snd (outside s))))
  | Wait r => go r (with_state x (put_outside s (Begins, snd (outside s))))
  end.
End Statements.

Definition start (i : instruction) (s : St) : course :=
  {| at_present := s; locals_ := repeat 0%N (N.to_nat (locals i));
     onward := trunc (address_width I) (place s + N.of_nat (instruction_units I)) |}.

(** A word is its own instruction: classes are of words, not of operation codes. *)
Definition carry_out (o : N) (s : St) : outcome St tcause :=
  match find (encodes o) (table I) with
  | None => Trap (illegal_trap I, trunc (word_width I) o)
  | Some i =>
      match go (field_values o i) (code i) (start i s) with
      | Next x => Next (give (at_present x) RPc (onward x))
      | Trap c => Trap c
      end
  end.

(** Units from an address on, each of them relocated; or the first that is not there. *)
Fixpoint units_from (n : nat) (a : N) (s : St) : outcome (list N) tcause :=
  match n with
  | O => Next []
  | S n =>
      match nthN (reached s) a with
      | Some u =>
          match units_from n (trunc (word_width I) (a + 1)) s with
          | Next l => Next (u :: l)
          | Trap c => Trap c
          end
      | None => Trap (fault I 0, a)
      end
  end.
(** Units as one value, the highest first. *)
Definition joined (l : list N) : N := fold_left (fun v u => N.lor (N.shiftl v (unit_width I)) u) l 0%N.

(** The instruction at P, and what it comes to. *)
Definition outcome_of (s : St) : outcome St tcause :=
  match units_from (instruction_units I) (place s) s with
  | Next l => carry_out (joined (if high_first I then l else rev l)) s
  | Trap c => Trap c
  end.

Definition user_state (s : St) : Prop := worth [] [] s (is_user I) <> 0%N.

(** Control state, devices and storage out of bounds are the same. *)
Definition left_alone (s s' : St) : Prop :=
  mode_ s' = mode_ s /\ base_ s' = base_ s /\ bound_ s' = bound_ s /\ controls s' = controls s /\
  outside s' = outside s /\
  firstn (N.to_nat (base_ s)) (storage s') = firstn (N.to_nat (base_ s)) (storage s) /\
  skipn (N.to_nat (base_ s) + N.to_nat (bound_ s)) (storage s') =
  skipn (N.to_nat (base_ s) + N.to_nat (bound_ s)) (storage s).

Definition plain_processor : processor := {|
  pstate := St; legal := fun s => within s = true; in_user := user_state;
  pview := list N * N * list N; seen := fun s => (reached s, place s, visibles s);
  changed := fun s s' => ~ left_alone s s';
  pcause := tcause; of_address := fun c => is_fault I (fst c) = true;
  pinstr := N; perform := carry_out |}.
End Meaning.
