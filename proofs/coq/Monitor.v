(** The control program: section 4 of the paper.

    First what any control program must do to be one ([correct_monitor]), then the standard one as a
    function of the real state: put the virtual machine's state together, interpret one instruction
    of it or reflect the trap, load it again. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification VMMap.

Section VMM.
Context (A : arch) (c : cfg A).
Notation K := (K A).
Notation q := (q A c). Notation base := (base A c). Notation size := (size A c).
Notation sh := (sh A c). Notation da := (da A c). Notation dn := (dn A c). Notation cb := (cb A c). Notation image := (image A c).
Notation entry := (entry A c).
Notation state := (stateA A).
Notation step := (step A).

Notation comp := (comp A c).
Notation minv := (minv A c).
Notation shadow := (shadow A c).
Notation vabs := (vabs A c).
Notation runs := (runs A c).
Notation old_pc := (old_pc A).
Notation trapped := (trapped A c).
Notation resources_kept := (resources_kept A c).

Ltac cfgfacts :=
  pose proof (ok_da A c); pose proof (ok_da2 A c);
  pose proof (ok_sh A c); pose proof (ok_sh2 A c); pose proof (ok_cb A c);
  pose proof (ok_cb2 A c); pose proof (ok_disj A c); pose proof (ok_fit A c);
  pose proof (ok_q A c); pose proof (ok_size A c).

(* ------------------------------------------------------------------ the monitor *)

(** Any control program is acceptable that meets this specification: from the state the trap leaves,
    it reaches a real state that runs the next virtual state, and touches only its own storage and
    the virtual machine's. *)
Definition emulates (v r r' : state) : Prop := runs (step v) r' /\ resources_kept r r'.

(** The standard monitor as a function of the real state: unload the virtual machine, interpret one
    instruction (or reflect the trap), load it again. *)
Definition unload (r : state) : state := vabs r (old_pc r).
Definition load (v r : state) : state :=
  mkst (overlay base (mem v) (overlay sh (save A (st v)) (mem r)))
       (regs v) (dev v)
       (mkpsw Usr (pp (st v)) (comp (pr (st v)))).
Definition monitor (r : state) : state := load (step (unload r)) r.

Lemma load_kept : forall v r, length (mem r) = q -> length (mem v) = size ->
  resources_kept r (load v r).
Proof.
  intros v r L Lv. cfgfacts.
  assert (L1 : length (overlay sh (save A (st v)) (mem r)) = q)
    by (rewrite overlay_length; rewrite ?save_len; lia).
  unfold resources_kept; simpl. rewrite overlay_length by lia. split; [lia|].
  intros. rewrite slice_overlay_disj by lia.
  apply slice_overlay_disj; rewrite save_len; lia.
Qed.

Lemma load_runs : forall v r, minv r -> length (mem v) = size -> runs v (load v r).
Proof.
  intros v r I Lv. pose proof I as (L & E & M). cfgfacts.
  split; [eapply minv_kept; [eassumption|apply load_kept; auto]|].
  split; [reflexivity|]. split; [reflexivity|].
  assert (L1 : length (overlay sh (save A (st v)) (mem r)) = q)
    by (rewrite overlay_length; rewrite ?save_len; lia).
  unfold vabs, shadow. cbn [load mem regs st pp].
  rewrite (slice_overlay_same base size) by lia.
  rewrite slice_overlay_disj by lia.
  rewrite slice_overlay_same by (rewrite ?save_len; lia).
  rewrite dec_save. destruct v as [m g d [a b e]]; reflexivity.
Qed.

Lemma trapped_len : forall v r, trapped v r -> length (mem v) = size.
Proof.
  intros v r ((L & _ & _) & _ & <-). simpl. rewrite slice_length. cfgfacts; lia.
Qed.

Lemma step_size : forall v, length (mem v) = size -> length (mem (step v)) = size.
Proof. intros. rewrite step_len; auto. cfgfacts; lia. Qed.

Lemma monitor_emulates : forall v r, trapped v r -> emulates v r (monitor r).
Proof.
  intros v r T. pose proof (trapped_len _ _ T) as Lv. destruct T as (I & E & V).
  unfold monitor, unload. rewrite V. pose proof (step_size _ Lv). pose proof I as (L & _).
  split; [apply load_runs|apply load_kept]; auto.
Qed.

(** The hosted machine: hardware in user mode, control program in supervisor mode. *)
Definition hosted (mon : state -> state) (r : state) : state :=
  match pm (st r) with Usr => step r | Sup => mon r end.
Definition correct_monitor (mon : state -> state) : Prop :=
  forall v r k, runs v r -> result A r = Trap k -> emulates v (do_trap A k r) (mon (do_trap A k r)).

Lemma monitor_correct : correct_monitor monitor.
Proof. intros v r k R _. apply monitor_emulates, trap_trapped, R. Qed.

End VMM.

Arguments load_kept {A c}.
Arguments load_runs {A c}.
Arguments trapped_len {A c}.
Arguments step_size {A c}.
Arguments monitor_emulates {A c}.
Arguments monitor_correct {A c}.
