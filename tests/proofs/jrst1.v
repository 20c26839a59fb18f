(** Of the machine pg-jrst1, as `trapeze prove` exports it: no monitor, wherever it is put.

    Two guests, which differ in one word.  At 16, JRST 1 to 17, or a plain jump there; at 17, the word
    that told them apart is overwritten; at 18, interrupts are disabled, which is privileged.  So one
    guest traps, and the new PSW sends it to the loop at 20, and the other goes on to the loop at 19. *)
From Coq Require Import List Arith NArith Lia.
Import ListNotations.
From Trapeze Require Import Machine Classification Word Tree Instance Clockwork Exists Converse.
From Machines Require Import pg_jrst1.

Section Jrst1.
Variable V : world.
Variable d : wD V.
Notation A := (machine V).

Definition text (first : N) : list N :=
  [0; 0; 0; 0; 0; 0; 0; 0;
   0; 20; 0; 24; 0; 0;      (* 8: the new PSW: supervisor mode, P = 20, all of storage *)
   0; 0;
   first;
   0x21100010;              (* 17: ST G1, 16(G0) *)
   0x46000000;              (* 18: SIE 0 *)
   0x39000000;              (* 19: BR 19 *)
   0x39000000;              (* 20: BR 20 *)
   0; 0; 0]%N.
Definition guest (first : N) : stateA A :=
  mkst (text first) (repeat 0%N 16) (Running, d)
       (mkpsw Sup (wrap 32 16) (rr description 0 24 [0; 0]%N)).
Definition jrst1 := guest 0x50000011.    (* JRST1 17(G0) *)
Definition jmp := guest 0x37000011.      (* JMP 17(G0) *)

(** States are computed part by part: their proofs of being words are never looked at. *)
Lemma same_state : forall s t : stateA A, mem s = mem t -> regs s = regs t -> dev s = dev t ->
  pm (st s) = pm (st t) -> val (pp (st s)) = val (pp (st t)) ->
  rr_base description (pr (st s)) = rr_base description (pr (st t)) ->
  rr_bound description (pr (st s)) = rr_bound description (pr (st t)) ->
  rr_control description (pr (st s)) = rr_control description (pr (st t)) -> s = t.
Proof.
  intros [m g e [a b r]] [m' g' e' [a' b' r']] H1 H2 H3 H4 H5 H6 H7 H8.
  cbn [mem regs dev st pm pp pr] in *. subst. apply sig_eq in H5. subst.
  pose proof (rr_ext description r r' H6 H7 H8). subst. reflexivity.
Qed.
Ltac same := apply same_state; vm_compute; reflexivity.

Definition succeeds {S : Type} (o : option S) : bool :=
  match o with Some _ => true | None => false end.
Definition outcome_of (o : outcome (stateA A) (cause A)) : option (stateA A) :=
  match o with Next s => Some s | Trap _ => None end.
Definition or_else (x : stateA A) (o : option (stateA A)) : stateA A :=
  match o with Some w => w | None => x end.
Lemma it_is : forall (o : option (stateA A)) x, succeeds o = true -> o = Some (or_else x o).
Proof. intros [w|] x H; [reflexivity|discriminate]. Qed.
Lemma next_is : forall (o : outcome (stateA A) (cause A)) x y, succeeds (outcome_of o) = true ->
  or_else x (outcome_of o) = y -> o = Next y.
Proof. intros [w|c] x y H E; simpl in *; [congruence|discriminate]. Qed.

(** Where they come to, with two instructions in user mode; and where each ends, on the bare machine. *)
Definition met (v : stateA A) : stateA A := or_else v (untrapped A 2 (demoted A v)).
Definition end_of (v : stateA A) : stateA A := iter A 3 (step A) v.

Lemma jrst1_runs : untrapped A 2 (demoted A jrst1) = Some (met jrst1).
Proof. apply it_is. vm_compute. reflexivity. Qed.
Lemma they_meet : met jmp = met jrst1.
Proof. same. Qed.
Lemma jmp_runs : untrapped A 2 (demoted A jmp) = Some (met jrst1).
Proof. rewrite <- they_meet. apply it_is. vm_compute. reflexivity. Qed.
Lemma loops_at : forall v, step A v = v ->
  succeeds (outcome_of (result A (demoted A v))) = true ->
  or_else v (outcome_of (result A (demoted A v))) = demoted A v -> loops A v.
Proof. intros v S H E. split; [exact S|]. eapply next_is; eassumption. Qed.
Lemma jrst1_loops : loops A (end_of jrst1).
Proof. apply loops_at; [same|vm_compute; reflexivity|same]. Qed.
Lemma jmp_loops : loops A (end_of jmp).
Proof. apply loops_at; [same|vm_compute; reflexivity|same]. Qed.
Lemma they_end_apart : pp (st (end_of jrst1)) <> pp (st (end_of jmp)).
Proof.
  intro E. assert (H : (val (pp (st (end_of jrst1))) =? val (pp (st (end_of jmp))))%N = true)
    by (rewrite E; apply N.eqb_refl).
  vm_compute in H. discriminate.
Qed.
Lemma trap_words : K A = 8.
Proof. vm_compute. reflexivity. Qed.

Lemma addresses : maxmem A = 0xffffffff%N.
Proof. vm_compute. reflexivity. Qed.

Theorem pg_jrst1_has_no_monitor : forall base, 24 <= base -> (N.of_nat (base + 24) <= 0xffffffff)%N ->
  ~ vmm_exists A base 24.
Proof.
  intros base B F.
  assert (R : 3 * K A <= base) by (rewrite trap_words; lia).
  assert (S : 2 * K A <= 24) by (rewrite trap_words; lia).
  assert (M : (N.of_nat (base + 24) <= maxmem A)%N) by (rewrite addresses; exact F).
  apply (no_monitor A base 24 R M S (condition3 V) jrst1 jmp 2 2 (met jrst1) 3 3 (end_of jrst1)
           (end_of jmp)).
  - reflexivity.
  - reflexivity.
  - reflexivity.
  - reflexivity.
  - exact jrst1_runs.
  - exact jmp_runs.
  - reflexivity.
  - exact jrst1_loops.
  - reflexivity.
  - exact jmp_loops.
  - exact they_end_apart.
Qed.
End Jrst1.
