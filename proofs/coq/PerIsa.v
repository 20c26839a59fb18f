(** What an exported description's theorems say; the generated file applies these. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification VMMap Monitor Theorem1 Theorem3 Resident.

(** Theorem 1 for one machine: the standard monitor is a control program for every way to place it
    and the virtual machine in storage, and under it the virtual machine goes on for ever as the
    bare one does, each virtual step being one or two of the hosted machine's, and nothing is
    touched but the virtual machine's storage and the monitor's own data. *)
Definition monitor_exists (A : arch) : Prop := forall c : cfg A,
  correct_monitor A c (monitor A c) /\
  forall k v r, runs A c v r -> exists n, k <= n <= 2 * k /\
    runs A c (iter A k (step A) v) (iter A n (hosted A (monitor A c)) r) /\
    resources_kept A c r (iter A n (hosted A (monitor A c)) r).

(** Theorem 3 likewise, of the hybrid monitor. *)
Definition hybrid_monitor_exists (A : arch) : Prop := forall c : cfg A,
  correct_hmonitor A c (hmonitor A c) /\
  forall k v r, hruns A c v r -> exists n, k <= n <= 2 * k /\
    hruns A c (iter A k (step A) v) (iter A n (hosted A (hmonitor A c)) r) /\
    resources_kept A c r (iter A n (hosted A (hmonitor A c)) r).

Theorem theorem1_of : forall A, virtualizable A -> monitor_exists A.
Proof.
  intros A H c. split; [apply monitor_correct|]. intros.
  apply theorem1_run; auto. apply monitor_correct.
Qed.
Theorem theorem3_of : forall A, hybrid_virtualizable A -> hybrid_monitor_exists A.
Proof.
  intros A H c. split; [apply hmonitor_emulates|]. intros.
  apply theorem3_run; auto. apply hmonitor_emulates.
Qed.

(** The hosted monitor, and the machine with its time: timer, interrupts, waiting and the halt.  The
    monitor can take on any virtual machine that its block has room for; then, however it chooses its
    bursts, as long as nothing comes in them, the virtual machine goes on for ever as the bare one, a
    step at least with each turn, and nothing outside its block changes. *)
Definition hosted_monitor_exists (A : arch) (T : clock A) (direct : mode -> bool) : Prop :=
  forall c : cfg A,
  (forall v r, length (mem r) = q A c -> length (mem v) = size A c ->
     held A c v (fst (resume A c v r)) (snd (resume A c v r))) /\
  forall horizon, (forall h, raises_nothing A T (horizon h) h) ->
  forall n v h r, held A c v h r ->
  forall k h' r', turns_taken A c T direct horizon n h r = (k, (h', r')) ->
  n <= k /\ held A c (iter A k (timed_step A T) v) h' r' /\ outside_kept A c r r'.

Section Hosted.
Context (A : arch) (T : clock A).
Hypothesis steady : forall (c : cfg A) R d, fst (fst (pass A T Usr (comp A c R) d)) = comp A c R.
Lemma hosted_of : forall direct, runs_alike A direct -> hosted_monitor_exists A T direct.
Proof.
  intros direct H c. split; [intros; apply resume_held; assumption|]. intros horizon C n v h r.
  apply resident_equivalence; auto.
Qed.
Theorem hosted1_of : virtualizable A -> hosted_monitor_exists A T in_any_mode.
Proof. intro H. apply hosted_of, virtualizable_alike, H. Qed.
Theorem hosted3_of : hybrid_virtualizable A -> hosted_monitor_exists A T in_user_mode.
Proof. intro H. apply hosted_of, hybrid_alike, H. Qed.
End Hosted.
