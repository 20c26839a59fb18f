(** Of the machine pg-sgdt, as `trapeze prove` exports it: not even a hybrid monitor, wherever it is put.

    A guest in user mode, with interrupts disabled, stores the machine status in G1 and loops.  On the
    bare machine G1 is 1, user mode; under every monitor the real machine has interrupts enabled, and
    G1 is 3. *)
From Coq Require Import List Arith NArith Lia.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification Word Tree Instance Clockwork Exists Converse.
From Trapeze Require Import Impossibility.
From Machines Require Import pg_sgdt.

Section Sgdt.
Variable V : world.
Variable d : wD V.
Notation A := (machine V).

Definition text : list N :=
  [0; 0; 0; 0; 0; 0; 0; 0; 0; 0; 0; 0; 0; 0; 0; 0;
   0x52100000;              (* 16: SMSW G1 *)
   0x39000000;              (* 17: BR 17 *)
   0; 0; 0; 0; 0; 0]%N.
Definition status_in_G1 (n : N) : list N := 0%N :: n :: repeat 0%N 14.
(** Storage e, G1, P, relocation and bound, interrupts disabled or enabled. *)
Definition user_state (e : list N) (g1 p l b ie : N) : stateA A :=
  mkst e (status_in_G1 g1) (Running, d) (mkpsw Usr (wrap 32 p) (rr description l b [ie; 0]%N)).
Definition guest : stateA A := user_state text 0 16 0 24 0.

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
Definition or_else (x : stateA A) (o : outcome (stateA A) (cause A)) : stateA A :=
  match o with Next s => s | Trap _ => x end.
Definition succeeds (o : outcome (stateA A) (cause A)) : bool :=
  match o with Next _ => true | Trap _ => false end.
Lemma next_is : forall o x, succeeds o = true -> or_else x o = x -> o = Next x.
Proof. intros [w|c] x H E; simpl in *; [congruence|discriminate]. Qed.
Ltac computed := apply next_is; [vm_compute; reflexivity|apply same_state; vm_compute; reflexivity].

(** The two instructions, whatever storage is and wherever the guest lies. *)
Lemma smsw : forall e l b,
  exec A 0x52100000%N (user_state e 0 16 l b 1) = Next (user_state e 3 17 l b 1).
Proof. intros. computed. Qed.
Lemma branch : forall e l b,
  exec A 0x39000000%N (user_state e 3 17 l b 1) = Next (user_state e 3 17 l b 1).
Proof. intros. computed. Qed.

Lemma bare : regs (step A guest) = status_in_G1 1.
Proof. vm_compute. reflexivity. Qed.
Lemma bare_user : pm (st (step A guest)) = Usr.
Proof. vm_compute. reflexivity. Qed.
Lemma addresses : maxmem A = 0xffffffff%N.
Proof. vm_compute. reflexivity. Qed.

Theorem pg_sgdt_has_no_hybrid_monitor : forall base, (N.of_nat (base + 24) <= 0xffffffff)%N ->
  ~ hvmm_exists A base 24.
Proof.
  intros base F. apply (no_hybrid_monitor A base 24 guest); [reflexivity|reflexivity|exact bare_user|].
  intros p Lp. set (l := N.of_nat (base + 0)). set (b := N.of_nat (min 24 (24 - 0))).
  assert (M : forall g1 P, imaged A base 24 p (user_state text g1 P 0 24 0) = user_state (p ++ text) g1 P l b 1)
    by reflexivity.
  assert (WN : forall g1 P, window A (user_state (p ++ text) g1 P l b 1) = text).
  { intros g1 P. rewrite window_slice.
    change (slice (rl A (mkR A (base + 0) (min 24 (24 - 0)))) (rb A (mkR A (base + 0) (min 24 (24 - 0))))
                  (p ++ text) = text).
    assert (Q : (N.of_nat (base + 0 + min 24 (24 - 0)) <= maxmem A)%N)
      by (rewrite addresses; change (min 24 (24 - 0)) with 24; rewrite Nat.add_0_r; exact F).
    rewrite (mkR_l A) by exact Q. rewrite (mkR_b A) by exact Q.
    rewrite Nat.add_0_r. change (min 24 (24 - 0)) with 24.
    unfold slice. rewrite skipn_app, skipn_all2 by (rewrite Lp; apply le_n).
    rewrite Lp, Nat.sub_diag. reflexivity. }
  exists (user_state (p ++ text) 3 17 l b 1). split; [|split; [reflexivity|split]].
  - unfold guest. rewrite M. unfold result, fetch. rewrite WN. exact (smsw (p ++ text) l b).
  - unfold result, fetch. rewrite WN. exact (branch (p ++ text) l b).
  - rewrite bare. discriminate.
Qed.
End Sgdt.
