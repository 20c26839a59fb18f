(** The control program in the paper's shape: "dispatcher D, allocator A, interpreters v_i".

    It trusts the hardware's cause when it reflects a trap; that needs one more property of the
    hardware, absent from the paper, whose traps carry no cause: in user mode the cause of a
    privileged instruction's trap is a function of what the program sees. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification VMMap Monitor.

Section Dispatch.
Context (A : arch) (c : cfg A).
Variable decc : list (W A) -> cause A.
Hypothesis decc_enc : forall k p, decc (enc A k p) = k.
Variable privb : instr A -> bool.
Hypothesis privb_spec : forall i, privb i = true <-> privileged A i.
Hypothesis condition : virtualizable A.
Hypothesis uniform_causes : forall i s1 s2 c1 c2, privileged A i ->
  pm (st s1) = Usr -> pm (st s2) = Usr -> same_view A s1 s2 ->
  exec A i s1 = Trap c1 -> exec A i s2 = Trap c2 -> c1 = c2.

(** v_i *)
Definition interpreter (i : instr A) (v : stateA A) : stateA A :=
  match exec A i v with Next v' => v' | Trap k => do_trap A k v end.

(** D *)
Definition dispatcher (k : cause A) (v : stateA A) : stateA A :=
  match pm (st v) with
  | Usr => do_trap A k v                       (* reflect *)
  | Sup => match fetch A v with
           | Some i => if privb i then interpreter i v else do_trap A k v
           | None => do_trap A k v
           end
  end.

(** A is [load]: it alone computes the real R *)
Definition dmonitor (r : stateA A) : stateA A :=
  load A c (dispatcher (decc (slice 0 (K A) (mem r))) (unload A c r)) r.

Theorem dmonitor_correct : correct_monitor A c dmonitor.
Proof.
  intros v r k R Er. pose proof (trap_trapped v r k R) as T.
  pose proof R as ((L & _) & U & _). pose proof (runs_view _ _ R) as VW.
  assert (DK : decc (slice 0 (K A) (mem (do_trap A k r))) = k).
  { simpl. rewrite slice_overlay_same; [apply decc_enc|symmetry; apply enc_len|].
    pose proof (ok_size A c). pose proof (ok_fit A c). lia. }
  assert (D : dispatcher k v = step A v).
  { unfold dispatcher, step, result. unfold result in Er.
    rewrite (fetch_view A v r VW). 
    destruct (fetch A r) as [i|] eqn:F.
    - destruct (privb i) eqn:PB.
      + apply privb_spec in PB. destruct (pm (st v)) eqn:M; [reflexivity|].
        destruct (proj1 PB v M) as (k' & Ek'). rewrite Ek'.
        rewrite (uniform_causes i v r k' k PB M U VW Ek' Er). reflexivity.
      + assert (INN : innocuous A i).
        { intro S. apply condition, privb_spec in S. congruence. }
        pose proof (innocuous_view A i INN v r VW) as O. rewrite Er in O.
        destruct (exec A i v) as [v'|k'] eqn:Ev; [destruct O|]. simpl in O. subst k'.
        destruct (pm (st v)); reflexivity.
    - injection Er as <-. destruct VW as (_ & VP & _). rewrite <- VP. destruct (pm (st v)); reflexivity. }
  unfold dmonitor. rewrite DK. destruct T as (I & E & V) eqn:ET. 
  unfold unload. rewrite V, D.
  assert (Lv : length (mem (step A v)) = size A c).
  { apply step_size. eapply trapped_len. exact T. }
  split; [apply load_runs; auto|apply load_kept; auto]. destruct I; auto.
Qed.
End Dispatch.
