(** "A monitor exists", as one predicate, so that Theorem 1 and the impossibility results speak of the
    same thing.

    Storage is a private part, then the virtual machine's.  f keeps in the private part whatever it
    likes that depends on the virtual M and R (a relation [P]: scratch is free), maps M to user and
    composes R; unprivileged instructions run directly; the control program is any function. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification VMMap Monitor Theorem1.

Section Exists.
Context (A : arch) (base size : nat).
Notation state := (stateA A).

Definition compose (r : RR A) : RR A :=
  if rl A r <? size then mkR A (base + rl A r) (min (rb A r) (size - rl A r)) else mkR A base 0.

Definition vm_map (P : mode -> RR A -> list (W A) -> Prop) (v r : state) : Prop :=
  exists p, length p = base /\ P (pm (st v)) (pr (st v)) p /\
    r = mkst (p ++ mem v) (regs v) (dev v) (mkpsw Usr (pp (st v)) (compose (pr (st v)))).

Definition is_vmm (mon : state -> state) (P : mode -> RR A -> list (W A) -> Prop) : Prop :=
  (forall m R, exists p, length p = base /\ P m R p) /\
  forall v r, length (mem v) = size -> vm_map P v r ->
    exists n, n > 0 /\ vm_map P (step A v) (iter A n (hosted A mon) r).

Definition vmm_exists : Prop := exists mon P, is_vmm mon P.

Hypothesis room : 3 * K A <= base.
Hypothesis fits : (N.of_nat (base + size) <= maxmem A)%N.
Hypothesis big : 2 * K A <= size.
Hypothesis W0 : W A.            (* some word to fill storage with *)
Hypothesis PC0 : PC A.          (* some address for the control program *)

Definition ecfg : cfg A.
  refine {| q := base + size; VMMap.base := base; VMMap.size := size;
    da := 2 * K A; dn := K A; sh := 2 * K A; cb := 3 * K A; image := [];
    entry := mkpsw Sup PC0 (mkR A 0 (base + size)) |}; simpl; try lia; auto.
Defined.

Definition EP (m : mode) (R : RR A) (p : list (W A)) : Prop :=
  dec A (slice (K A) (K A) p) = entry A ecfg /\
  pm (dec A (slice (2 * K A) (K A) p)) = m /\ pr (dec A (slice (2 * K A) (K A) p)) = R.

Lemma slice_app_l : forall o n (p m : list (W A)), o + n <= length p -> slice o n (p ++ m) = slice o n p.
Proof.
  intros. apply nth_ext_err; intro j. rewrite !nth_slice.
  destruct (Nat.ltb_spec j n); auto. apply nth_error_app1. lia.
Qed.
Lemma slice_app_r : forall n (p m : list (W A)), length m = n -> slice (length p) n (p ++ m) = m.
Proof.
  intros. apply nth_ext_err; intro j. rewrite nth_slice.
  destruct (Nat.ltb_spec j n); [|symmetry; apply nth_none; lia].
  rewrite nth_error_app2 by lia. f_equal. lia.
Qed.

Lemma slice_mid : forall (a b d : list (W A)) o n, length a = o -> length b = n ->
  slice o n (a ++ b ++ d) = b.
Proof.
  intros a b d o n La Lb. apply nth_ext_err; intro j. rewrite nth_slice.
  destruct (Nat.ltb_spec j n); [|symmetry; apply nth_none; lia].
  rewrite nth_error_app2 by lia. rewrite nth_error_app1 by lia. f_equal. lia.
Qed.

Lemma vm_map_runs : forall v r, length (mem v) = size -> (vm_map EP v r <-> runs A ecfg v r).
Proof.
  intros v r Lv. split.
  - intros (p & Lp & (P1 & P2 & P3) & ->).
    split; [split; [|split]|split; [reflexivity|split; [reflexivity|]]].
    + simpl. rewrite app_length. lia.
    + cbn [mem]. rewrite slice_app_l by lia. exact P1.
    + reflexivity.
    + unfold vabs, shadow. cbn [mem regs dev st pp ecfg sh VMMap.base VMMap.size]. 
      rewrite (slice_app_l (2 * K A) (K A) p (mem v)) by lia.
      rewrite <- Lp, slice_app_r by exact Lv. rewrite P2, P3.
      destruct v as [m g dv [a b d]]. reflexivity.
  - intros ((L & E & _) & U & HR & HV). exists (firstn base (mem r)).
    cbn [ecfg q VMMap.base VMMap.size] in *.
    assert (Lp : length (firstn base (mem r)) = base) by (rewrite firstn_length; lia).
    assert (SP : mem r = firstn base (mem r) ++ mem v).
    { rewrite <- HV. cbn [mem vabs ecfg VMMap.base VMMap.size].
      rewrite <- (firstn_skipn base (mem r)) at 1. f_equal. unfold slice.
      rewrite firstn_all2; [reflexivity|]. rewrite skipn_length. lia. }
    split; [exact Lp|]. split.
    + rewrite SP in E. rewrite (slice_app_l (K A) (K A)) in E by (rewrite Lp; lia).
      split; [exact E|]. apply (f_equal st) in HV. unfold vabs, shadow in HV.
      cbn [st mem ecfg sh] in HV. rewrite SP in HV.
      rewrite (slice_app_l (2 * K A) (K A)) in HV by (rewrite Lp; lia).
      rewrite <- HV. auto.
    + rewrite <- SP. apply (f_equal regs) in HV as HG. apply (f_equal dev) in HV as HD. apply (f_equal st) in HV as HS.
      cbn [regs dev st vabs] in HG, HD, HS. destruct r as [m g dv [a b d]]. cbn [mem regs dev st pm pp pr] in *.
      subst a. rewrite <- HS at 1. cbn [pp]. rewrite HR. subst g dv. reflexivity.
Qed.

(** Theorem 1, in these words *)
Theorem theorem1_vmm_exists : (forall i, sensitive A i -> privileged A i) -> vmm_exists.
Proof.
  intro H. exists (monitor A ecfg), EP. split.
  - intros m R.
    exists (repeat W0 (K A) ++ save A (entry A ecfg) ++
            save A (mkpsw m PC0 R) ++ repeat W0 (base - 3 * K A)).
    assert (L1 : length (repeat W0 (K A)) = K A) by apply repeat_length.
    assert (L2 : length (save A (entry A ecfg)) = K A) by apply save_len.
    assert (L3 : length (save A (mkpsw m PC0 R)) = K A) by apply save_len.
    split; [rewrite !app_length, !repeat_length, L2, L3; lia|].
    assert (S1 : slice (K A) (K A) (repeat W0 (K A) ++ save A (entry A ecfg) ++
            save A (mkpsw m PC0 R) ++ repeat W0 (base - 3 * K A))
            = save A (entry A ecfg)).
    { apply slice_mid; assumption. }
    assert (S2 : slice (2 * K A) (K A) (repeat W0 (K A) ++ save A (entry A ecfg) ++
            save A (mkpsw m PC0 R) ++ repeat W0 (base - 3 * K A))
            = save A (mkpsw m PC0 R)).
    { rewrite app_assoc. apply slice_mid; [rewrite app_length, L1, L2; lia|assumption]. }
    unfold EP. rewrite S1, S2, !dec_save. auto.
  - intros v r Lv M. apply vm_map_runs in M; [|exact Lv].
    destruct (theorem1 A ecfg H _ monitor_correct v r M) as (n & Hn & R & _).
    exists n. split; [lia|]. apply vm_map_runs; [|exact R].
    apply (@step_size A ecfg). exact Lv.
Qed.
End Exists.
