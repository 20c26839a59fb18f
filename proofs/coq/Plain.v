(** Machines with base and bounds that the theory of monitors does not reach: their trap exchanges no
    program status words, P is less than a word, or user mode is more than one value of M.

    A state here is all registers, each of its own width, and storage in words; code means what it
    means in Tree.v.  There is no trap: an instruction that traps ends with its cause, and that is
    all that the conditions of Theorems 1 and 3 ask of it (Processor.v).  `trapeze prove` prints such
    a machine as a value of [plain]. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Word Tree Processor.

Record plain := {
  word_width : N;             (* of storage, relocation and bound *)
  address_width : N;          (* of P *)
  mode_width : N;
  control_widths : list N;    (* of the control registers without a role *)
  visible_widths : list N;
  is_user : expr;             (* not 0 in user mode *)
  illegal_trap : N; memory_fault : N;
  relocate : stmt; relocated : N;    (* as [translate] and [result_local] of Tree.v *)
  table : list instruction
}.

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
  forallb (fits (word_width I)) (storage s) && (N.of_nat (length (storage s)) <=? 2 ^ word_width I)%N &&
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
      | None => Trap (memory_fault I, value a)
      end
  | Store a e r =>
      match nthN (reached s) (value a) with
      | Some _ => go r (with_state x (put_storage s (updN (storage s) (base_ s + value a) (value e))))
      | None => Trap (memory_fault I, value a)
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
     onward := trunc (address_width I) (place s + 1) |}.

(** A word is its own instruction: classes are of words, not of operation codes. *)
Definition carry_out (o : N) (s : St) : outcome St tcause :=
  match find (encodes o) (table I) with
  | None => Trap (illegal_trap I, o)
  | Some i =>
      match go (field_values o i) (code i) (start i s) with
      | Next x => Next (give (at_present x) RPc (onward x))
      | Trap c => Trap c
      end
  end.

(** The instruction at P, relocated, and what it comes to. *)
Definition outcome_of (s : St) : outcome St tcause :=
  match nthN (reached s) (place s) with
  | Some o => carry_out o s
  | None => Trap (memory_fault I, place s)
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
  pcause := tcause; of_address := fun c => fst c = memory_fault I;
  pinstr := N; perform := carry_out |}.
End Meaning.
