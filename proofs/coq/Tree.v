(** The typed tree of a description (isa/tree.h), as data, and what it means.

    `trapeze prove` prints a description as one value of type [isa]; everything proved of an
    instruction set is proved of what [run] makes of that value.  Covered are machines with a mode of
    one bit, a relocation-bounds register that works as the paper's does, storage in words, and a
    trap sequence that stores one PSW and loads another; `trapeze prove` refuses the others. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Word.

(** Registers.  Visible ones, P apart, are elements of one list, arrays element by element. *)
Inductive reg := RMode | RPc | RBase | RBound | RControl (k : N) | RVisible (k : N).

Inductive expr :=
| Const (v : N)
| Field (k : N)                         (* of the instruction's word *)
| Local (k : N)
| Reg (r : reg)
| Elem (first count : N) (i : expr)     (* of a visible array; 0 past its end *)
| Size                                  (* q, in words *)
| Not (w : N) (a : expr) | Neg (w : N) (a : expr)
| Slice (low w : N) (a : expr) | Zext (a : expr) | Sext (from to : N) (a : expr)
| Bin (op : binop) (w : N) (a b : expr)
| Concat (low : N) (a b : expr)         (* [low]: the width of b *)
| Ite (c a b : expr).

(** A piece of code is its first statement, which holds the rest. *)
Inductive stmt :=
| Done
| Let (k : N) (e : expr) (rest : stmt)
| SetReg (r : reg) (e : expr) (rest : stmt)
| SetElem (first count : N) (i e : expr) (rest : stmt)
| Goto (e : expr) (rest : stmt)                  (* execution goes on there *)
| Load (k : N) (a : expr) (rest : stmt)
| Store (a e : expr) (rest : stmt)
| In (k : N) (d : N) (r : expr) (rest : stmt)    (* device d *)
| Out (d : N) (r e : expr) (rest : stmt)
| If (e : expr) (body otherwise rest : stmt)
| TrapTo (t : N) (e : expr)                      (* trap t, operand e *)
| Halt (e : expr) (rest : stmt)
| Wait (rest : stmt).

(** Parts of a PSW in storage: what a trap stores, and what it loads. *)
Inductive part := PMode | PPc | PBase | PBound | PControl (k : N) | PKind | PInfo.

Record instruction := { mask : N; match_ : N; fields : list (N * N); locals : N; code : stmt }.
Record trapinfo := { number : N; next : bool }.

Record isa := {
  width : N;                  (* of a word *)
  user_value : N;             (* of M *)
  control : list N;           (* widths of the control registers other than M and R *)
  real : list N;              (* and what they hold while a virtual machine runs *)
  traps : list trapinfo;
  illegal : N; memory : N;    (* of these *)
  old_words : list part;      (* a trap stores these from 0 on *)
  new_words : list part;      (* and loads these from where they end *)
  translate : stmt;           (* local 0: the address; the result is left in local [result_local] *)
  result_local : N;
  tick : stmt; tick_locals : N;            (* after each unit of time *)
  interrupt : stmt; interrupt_locals : N;  (* local 0: an asserted line; so many besides *)
  instructions : list instruction
}.

(** Does the processor run?  [Begins]: the wait, with the unit of time after its instruction. *)
Inductive status := Running | Begins | Waiting | Halted (v : N).
Definition status_dec : forall a b : status, {a = b} + {a <> b}.
Proof. decide equality. apply N.eq_dec. Defined.

(** What devices do, whatever that is. *)
Record world := {
  wD : Type;
  wD_dec : forall a b : wD, {a = b} + {a <> b};
  w_in : wD -> N -> N -> N * wD;         (* device, register: the value *)
  w_out : wD -> N -> N -> N -> wD;       (* device, register, value *)
  w_pass : wD -> wD;                     (* a unit of time *)
  w_event : wD -> bool;                  (* does it bring something that ends a wait? *)
  w_lines : wD -> list N                 (* interrupt lines asserted, lowest first *)
}.

(** The n-th element of a list, with 0 past its end, and the list with another there. *)
Definition at_ (l : list N) (n : N) : N := match nthN l n with Some v => v | None => 0%N end.
Fixpoint updN (l : list N) (n v : N) : list N :=
  match l with
  | [] => []
  | x :: t => if (n =? 0)%N then v :: t else x :: updN t (N.pred n) v
  end.

Lemma updN_length : forall l n v, length (updN l n v) = length l.
Proof. induction l; intros; simpl; auto. destruct (n =? 0)%N; simpl; auto. Qed.
Lemma updN_nth : forall l n v j, nth_error (updN l n v) j =
  if (N.of_nat j =? n)%N then match nth_error l j with Some _ => Some v | None => None end
  else nth_error l j.
Proof.
  induction l as [|x l IH]; intros n v j; simpl.
  - destruct j; simpl; match goal with |- context[if ?b then _ else _] => destruct b end; reflexivity.
  - destruct (N.eqb_spec n 0) as [->|H].
    + destruct j; reflexivity.
    + destruct j as [|j]; cbn [nth_error].
      * destruct (N.eqb_spec (N.of_nat 0) n) as [E|E]; [simpl in E; congruence|reflexivity].
      * rewrite IH.
        destruct (N.eqb_spec (N.of_nat j) (N.pred n)), (N.eqb_spec (N.of_nat (S j)) n);
        try reflexivity; exfalso; lia.
Qed.

Section Meaning.
Context (I : isa) (V : world).
Notation w := (width I).

(* ---- R, and the other control registers *)

Fixpoint all_fit (ws xs : list N) : bool :=
  match ws, xs with
  | [], [] => true
  | a :: ws, x :: xs => fits a x && all_fit ws xs
  | _, _ => false
  end.
Fixpoint trunc_all (ws xs : list N) : list N :=
  match ws with
  | [] => []
  | a :: ws => match xs with [] => 0%N :: trunc_all ws [] | x :: xs => trunc a x :: trunc_all ws xs end
  end.
Lemma trunc_all_fit : forall ws xs, all_fit ws (trunc_all ws xs) = true.
Proof.
  induction ws as [|a ws IH]; intros [|x xs]; simpl; auto; rewrite IH, andb_true_r.
  - apply N.ltb_lt. pose proof (N.pow_nonzero 2 a). lia.
  - apply trunc_fits.
Qed.
Lemma trunc_all_id : forall ws xs, all_fit ws xs = true -> trunc_all ws xs = xs.
Proof.
  induction ws as [|a ws IH]; intros [|x xs]; simpl; intro H; try discriminate; auto.
  apply andb_prop in H. destruct H as (H1 & H2). rewrite trunc_small, IH; auto.
Qed.

Definition raw_rr := (N * N * list N)%type.
Definition rr_ok (r : raw_rr) : bool :=
  let '(l, b, x) := r in fits w l && fits w b && all_fit (control I) x.
Definition resources := { r : raw_rr | rr_ok r = true }.
Lemma rr_made : forall l b x, rr_ok (trunc w l, trunc w b, trunc_all (control I) x) = true.
Proof. intros. simpl. rewrite !trunc_fits, trunc_all_fit. reflexivity. Qed.
Definition rr (l b : N) (x : list N) : resources := exist _ _ (rr_made l b x).
Definition rr_base (r : resources) : N := fst (fst (proj1_sig r)).
Definition rr_bound (r : resources) : N := snd (fst (proj1_sig r)).
Definition rr_control (r : resources) : list N := snd (proj1_sig r).
Definition rr_dec : forall a b : resources, {a = b} + {a <> b}.
Proof. apply sig_dec. repeat decide equality. Defined.
Lemma rr_same : forall r, rr (rr_base r) (rr_bound r) (rr_control r) = r.
Proof.
  intros [[[l b] x] H]. apply sig_eq. simpl. pose proof H as F. simpl in F.
  apply andb_prop in F. destruct F as (F & H3). apply andb_prop in F. destruct F as (H1 & H2).
  rewrite !trunc_small, trunc_all_id by assumption. reflexivity.
Qed.

(* ---- states *)

(** The processor is among the devices: its end and its waiting are control state, too. *)
Definition devices := (status * wD V)%type.
Notation St := (state N (list N) devices (word w) resources).
Notation Psw := (psw (word w) resources).

Definition mode_value (m : mode) : N :=
  match m with Usr => user_value I | Sup => 1 - user_value I end.
Definition mode_of (v : N) : mode := if (v =? user_value I)%N then Usr else Sup.

Definition get (s : St) (r : reg) : N :=
  match r with
  | RMode => mode_value (pm (st s))
  | RPc => val (pp (st s))
  | RBase => rr_base (pr (st s))
  | RBound => rr_bound (pr (st s))
  | RControl k => at_ (rr_control (pr (st s))) k
  | RVisible k => at_ (regs s) k
  end.
Definition with_psw (s : St) (p : Psw) : St := mkst (mem s) (regs s) (dev s) p.
Definition with_rr (s : St) (r : resources) : St :=
  with_psw s (mkpsw (pm (st s)) (pp (st s)) r).
Definition with_regs (s : St) (g : list N) : St := mkst (mem s) g (dev s) (st s).
Definition with_status (s : St) (x : status) : St := mkst (mem s) (regs s) (x, snd (dev s)) (st s).
Definition with_dev (s : St) (d : wD V) : St := mkst (mem s) (regs s) (fst (dev s), d) (st s).
Definition with_mem (s : St) (m : list N) : St := mkst m (regs s) (dev s) (st s).
Definition set (s : St) (r : reg) (v : N) : St :=
  let R := pr (st s) in
  match r with
  | RMode => with_psw s (mkpsw (mode_of v) (pp (st s)) R)
  | RPc => with_psw s (mkpsw (pm (st s)) (wrap w v) R)
  | RBase => with_rr s (rr v (rr_bound R) (rr_control R))
  | RBound => with_rr s (rr (rr_base R) v (rr_control R))
  | RControl k => with_rr s (rr (rr_base R) (rr_bound R) (updN (rr_control R) k v))
  | RVisible k => with_regs s (updN (regs s) k v)
  end.

(* ---- expressions *)

Section Expressions.
Variables (f : list N) (l : list N) (s : St).    (* fields, locals *)
Fixpoint eval (e : expr) : N :=
  match e with
  | Const v => v
  | Field k => at_ f k
  | Local k => at_ l k
  | Reg r => get s r
  | Elem first count i => let n := eval i in if (n <? count)%N then at_ (regs s) (first + n) else 0
  | Size => N.of_nat (length (mem s))
  | Not n a => N.lxor (eval a) (N.ones n)
  | Neg n a => neg n (eval a)
  | Slice low n a => trunc n (N.shiftr (eval a) low)
  | Zext a => eval a
  | Sext from to a => sext from to (eval a)
  | Bin op n a b => apply op n (eval a) (eval b)
  | Concat low a b => N.lor (N.shiftl (eval a) low) (eval b)
  | Ite c a b => if (eval c =? 0)%N then eval b else eval a
  end.
End Expressions.

(* ---- statements *)

(** A trap's cause: which one, and its operand. *)
Definition tcause := (N * N)%type.
Definition memory_trap (a : N) : tcause := (memory I, a).

(** The storage that the program reaches, as in Machine.v. *)
Definition reach (s : St) : list N :=
  sliceN (rr_base (pr (st s))) (rr_bound (pr (st s))) (mem s).

(** An instruction under way: the state, locals, and where execution will go on. *)
Record progress := { now : St; locs : list N; goes_on : N }.
Definition at_state (x : progress) (s : St) := {| now := s; locs := locs x; goes_on := goes_on x |}.
Definition at_local (x : progress) (k v : N) :=
  {| now := now x; locs := updN (locs x) k v; goes_on := goes_on x |}.

Section Statements.
Variable f : list N.
Fixpoint run (c : stmt) (x : progress) : outcome progress tcause :=
  let s := now x in
  let value := eval f (locs x) s in
  match c with
  | Done => Next x
  | Let k e r => run r (at_local x k (value e))
  | SetReg g e r => run r (at_state x (set s g (value e)))
  | SetElem first count i e r =>
      let n := value i in
      run r (if (n <? count)%N
             then at_state x (with_regs s (updN (regs s) (first + n) (value e))) else x)
  | Goto e r => run r {| now := s; locs := locs x; goes_on := value e |}
  | Load k a r =>
      match nthN (reach s) (value a) with
      | Some v => run r (at_local x k v)
      | None => Trap (memory_trap (value a))
      end
  | Store a e r =>
      match nthN (reach s) (value a) with
      | Some _ => run r (at_state x (with_mem s
                    (updN (mem s) (rr_base (pr (st s)) + value a) (value e))))
      | None => Trap (memory_trap (value a))
      end
  | In k d e r =>
      let (v, d') := w_in V (snd (dev s)) d (value e) in
      run r (at_local (at_state x (with_dev s d')) k v)
  | Out d e v r => run r (at_state x (with_dev s (w_out V (snd (dev s)) d (value e) (value v))))
  | If e body other r =>
      match run (if (value e =? 0)%N then other else body) x with
      | Next x' => run r x'
      | Trap c => Trap c
      end
  | TrapTo t e => Trap (t, value e)
  | Halt e r => run r (at_state x (with_status s (Halted (value e))))
  | Wait r => run r (at_state x (with_status s Begins))
  end.
End Statements.

(* ---- instructions *)

Definition encodes (o : N) (i : instruction) : bool := (N.land o (mask i) =? match_ i)%N.
Definition field_values (o : N) (i : instruction) : list N :=
  map (fun p => trunc (snd p) (N.shiftr o (fst p))) (fields i).
Definition after (p : word w) : N := trunc w (val p + 1).

Definition begun (i : instruction) (s : St) : progress :=
  {| now := s; locs := repeat 0%N (N.to_nat (locals i)); goes_on := after (pp (st s)) |}.
Definition ended (x : progress) : St :=
  with_psw (now x) (mkpsw (pm (st (now x))) (wrap w (goes_on x)) (pr (st (now x)))).

(** A word is its own instruction: classes are of words, not of operation codes. *)
Definition execute (o : N) (s : St) : outcome St tcause :=
  match find (encodes o) (instructions I) with
  | None => Trap (illegal I, o)
  | Some i =>
      match run (field_values o i) (code i) (begun i s) with
      | Next x => Next (ended x)
      | Trap c => Trap c
      end
  end.

(* ---- the trap sequence *)

Definition number_of (t : N) : N := match nthN (traps I) t with Some i => number i | None => 0%N end.
(** Is P stored the one after the instruction's?  By the number that is stored with it. *)
Definition number_next (n : N) : bool :=
  existsb (fun i => (number i =? n)%N && next i) (traps I).
Definition is_next (t : N) : bool := number_next (number_of t).

Definition psw_part (p : Psw) (x : part) : N :=
  match x with
  | PMode => mode_value (pm p)
  | PPc => val (pp p)
  | PBase => rr_base (pr p)
  | PBound => rr_bound (pr p)
  | PControl k => at_ (rr_control (pr p)) k
  | PKind | PInfo => 0%N
  end.
Definition old_part (c : tcause) (p : Psw) (x : part) : N :=
  match x with
  | PKind => number_of (fst c)
  | PInfo => snd c
  | PPc => if is_next (fst c) then after (pp p) else val (pp p)
  | _ => psw_part p x
  end.
Definition part_eqb (x y : part) : bool :=
  match x, y with
  | PMode, PMode | PPc, PPc | PBase, PBase | PBound, PBound | PKind, PKind | PInfo, PInfo => true
  | PControl a, PControl b => (a =? b)%N
  | _, _ => false
  end.
(** The word in which a part stands. *)
Fixpoint word_of (x : part) (where_ : list part) (ws : list N) : N :=
  match where_, ws with
  | y :: where_, v :: ws => if part_eqb x y then v else word_of x where_ ws
  | _, _ => 0%N
  end.

Definition stored (c : tcause) (p : Psw) : list N := map (old_part c p) (old_words I).
Definition stored_pc (ws : list N) : word w :=
  let p := word_of PPc (old_words I) ws in
  if number_next (word_of PKind (old_words I) ws)
  then wrap w (p + (2 ^ w - trunc w 1)) else wrap w p.
Fixpoint countN (n : nat) (from : N) : list N :=
  match n with O => [] | S n => from :: countN n (N.succ from) end.
Definition loaded (ws : list N) : Psw :=
  let of x := word_of x (new_words I) ws in
  mkpsw (mode_of (trunc 1 (of PMode))) (wrap w (of PPc))
        (rr (of PBase) (of PBound)
            (map (fun k => of (PControl k)) (countN (length (control I)) 0))).
Definition saved (p : Psw) : list N :=
  map (psw_part p) (new_words I) ++ repeat 0%N (length (old_words I) - length (new_words I)).

(** What the laws of the trap sequence need; computed. *)
Definition holds (l : list part) (x : part) : bool := existsb (part_eqb x) l.
Definition sequence_ok : bool :=
  (length (new_words I) <=? length (old_words I))%nat &&
  holds (old_words I) PPc && holds (old_words I) PKind &&
  holds (new_words I) PMode && holds (new_words I) PPc &&
  holds (new_words I) PBase && holds (new_words I) PBound &&
  forallb (fun k => holds (new_words I) (PControl k)) (countN (length (control I)) 0) &&
  forallb (fun t => Bool.eqb (number_next (number t)) (next t)) (traps I) &&
  (user_value I <=? 1)%N && (0 <? w)%N.
End Meaning.
