(** The third generation machine: sections 2 and 3 of Popek and Goldberg, "Formal Requirements for
    Virtualizable Third Generation Architectures" (CACM 17, 1974).

    A state is S = <E, M, P, R> and what the paper leaves out: general registers, and the world of
    devices, which is control state.  Instructions are total functions of states that either give
    another state or trap; a trap is an outcome of its own, with a cause. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices.

(** M: the mode, supervisor or user. *)
Inductive mode := Sup | Usr.
Definition mode_dec : forall a b : mode, {a = b} + {a <> b}.
Proof. decide equality. Defined.

(** The program status word <M, P, R>. *)
Record psw (PC RR : Type) := mkpsw { pm : mode; pp : PC; pr : RR }.
Arguments mkpsw {PC RR}. Arguments pm {PC RR}. Arguments pp {PC RR}. Arguments pr {PC RR}.

(** S = <E, M, P, R>, general registers and devices. *)
Record state (W G D PC RR : Type) := mkst { mem : list W; regs : G; dev : D; st : psw PC RR }.
Arguments mkst {W G D PC RR}. Arguments mem {W G D PC RR}. Arguments regs {W G D PC RR}.
Arguments dev {W G D PC RR}. Arguments st {W G D PC RR}.

(** What an instruction gives. *)
Inductive outcome (S C : Type) := Next (s : S) | Trap (c : C).
Arguments Next {S C}. Arguments Trap {S C}.

(** A conventional third generation architecture: a family of machines, one for each size of
    storage.  [RR] is R and whatever else of the control state a trap saves and loads. *)
Record arch := {
  W : Type;  W_dec : forall a b : W, {a = b} + {a <> b};          (* words *)
  G : Type;  G_dec : forall a b : G, {a = b} + {a <> b};          (* general registers *)
  D : Type;  D_dec : forall a b : D, {a = b} + {a <> b};          (* devices *)
  PC : Type; PC_dec : forall a b : PC, {a = b} + {a <> b};
  pcn : PC -> nat;                                                (* P as an address *)
  RR : Type; RR_dec : forall a b : RR, {a = b} + {a <> b};
  rl : RR -> nat;  rb : RR -> nat;                                (* R = (l, b) *)
  maxmem : N;                                     (* R can describe every block below this *)
  mkR : nat -> nat -> RR;                         (* R, the rest being the monitor's own *)
  mkR_l : forall l b, (N.of_nat (l + b) <= maxmem)%N -> rl (mkR l b) = l;
  mkR_b : forall l b, (N.of_nat (l + b) <= maxmem)%N -> rb (mkR l b) = b;
  cause : Type; cause_dec : forall a b : cause, {a = b} + {a <> b};
  is_mem : cause -> bool;                                         (* memory traps *)
  fetch_fault : PC -> cause; fetch_mem : forall p, is_mem (fetch_fault p) = true;
  instr : Type; decode : W -> instr;
  exec : instr -> state W G D PC RR -> outcome (state W G D PC RR) cause;
  exec_len : forall i s s', exec i s = Next s' -> length (mem s') = length (mem s);
  (* A trap stores K words at 0 and loads the PSW from the K words that follow them.  What it
     stores may hold another P than the instruction's own (the one after a supervisor call's);
     P can be had back from it. *)
  K : nat;
  enc : cause -> psw PC RR -> list W; enc_len : forall c p, length (enc c p) = K;
  old : list W -> PC;                 old_enc : forall c p, old (enc c p) = pp p;
  dec : list W -> psw PC RR;
  (* Every PSW can be written so that it will be loaded. *)
  save : psw PC RR -> list W; save_len : forall p, length (save p) = K;
  dec_save : forall p, dec (save p) = p
}.

Section Machine.
Context (A : arch).
Definition pswA := psw (PC A) (RR A).
Definition stateA := state (W A) (G A) (D A) (PC A) (RR A).

(** e|r: the storage the program can reach, E[l] to E[l+b-1], cut off at the end of storage. *)
Definition window (s : stateA) : list (W A) :=
  slice (rl A (pr (st s))) (rb A (pr (st s))) (mem s).
Lemma window_slice : forall s, window s = slice (rl A (pr (st s))) (rb A (pr (st s))) (mem s).
Proof. reflexivity. Qed.

(** The instruction at P, relocated. *)
Definition fetch (s : stateA) : option (instr A) :=
  option_map (decode A) (nth_error (window s) (pcn A (pp (st s)))).

Definition result (s : stateA) : outcome stateA (cause A) :=
  match fetch s with Some i => exec A i s | None => Trap (fetch_fault A (pp (st s))) end.

(** "E2[0] = (M1, P1, R1), (M2, P2, R2) = E1[1]": absolute addresses. *)
Definition do_trap (c : cause A) (s : stateA) : stateA :=
  mkst (overlay 0 (enc A c (st s)) (mem s)) (regs s) (dev s) (dec A (slice (K A) (K A) (mem s))).

Definition step (s : stateA) : stateA :=
  match result s with Next s' => s' | Trap c => do_trap c s end.

Fixpoint iter (n : nat) (f : stateA -> stateA) (s : stateA) : stateA :=
  match n with 0 => s | S n => iter n f (f s) end.

Lemma iter_add : forall n m f s, iter (n + m) f s = iter m f (iter n f s).
Proof. induction n; simpl; auto. Qed.

Lemma result_len : forall s s', result s = Next s' -> length (mem s') = length (mem s).
Proof.
  unfold result; intros. destruct (fetch s); [eapply exec_len; eauto|discriminate].
Qed.

Lemma step_len : forall s, K A <= length (mem s) -> length (mem (step s)) = length (mem s).
Proof.
  intros; unfold step. destruct (result s) eqn:E; [apply result_len; auto|].
  simpl. rewrite overlay_length; auto. rewrite enc_len; lia.
Qed.
End Machine.
