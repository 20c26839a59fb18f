(** Of the machine pg, as `trapeze prove` exports it: its `horizon` and `skip` say of its `tick` what is
    so.  As many units of time as `horizon` says raise nothing, and `skip` does what they do. *)
From Coq Require Import List NArith.
Import ListNotations.
From Trapeze Require Import Machine Tree IntervalTimer.
From Machines Require Import pg.
Local Open Scope N_scope.

(** IE is the first of the other control registers, TIMER the second, `timer` trap 4. *)
Lemma its_code : tick description = interval_tick 0 1 32 4 /\ horizon_code = interval_horizon 0 1 32 /\
  horizon_result = 0 /\ skip_code = interval_skip 0 1 32.
Proof. repeat split. Qed.

Theorem pg_horizon_and_skip : forall (V : world) n m (R : resources description) (d : devices V),
  N.of_nat n <= horizon_of description V 0 1 32 m R d ->
  silent description V n m R d /\
  ticks description V n m R d = skipped description V 0 1 32 (N.of_nat n) m R d.
Proof.
  intro V. apply (horizon_and_skip description V 0 1 32 4); [apply its_code|reflexivity|reflexivity|].
  discriminate.
Qed.
