(** Impossibility: the PDP-10's JRST 1.

    With it no monitor at all gives a homomorphism that executes unprivileged instructions directly
    and keeps, outside the virtual machine's storage, a state that depends on the virtual M and R
    only.  Theorem 3 still applies to this machine ([MJ_hvmm]); a machine that shows the relocation to
    user programs has no hybrid monitor either. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification VMMap Monitor Theorem1 Theorem3 Kinds Toy Exists Converse.

(* ------------------------------------------------- one step, any architecture *)
Section OneStep.
Context (A : arch) (c : cfg A).
(** An instruction that changes the virtual M (or R), and that the real machine executes in user mode
    without a trap, leaves the shadow wrong. *)
Theorem untrapped_control_breaks : forall v r i r',
  runs A c v r -> fetch A r = Some i -> exec A i r = Next r' -> outside_same A r r' ->
  (pm (st (step A v)) <> pm (st v) \/ pr (st (step A v)) <> pr (st v)) ->
  step A r = r' /\ ~ runs A c (step A v) (step A r).
Proof.
  intros v r i r' R F E O D.
  assert (S : step A r = r') by (unfold step, result; rewrite F, E; auto).
  split; auto. rewrite S. intros (_ & _ & _ & V').
  assert (SH : shadow A c r' = shadow A c r).
  { unfold shadow. f_equal. destruct O as (O1 & O2).
    destruct R as (_ & _ & HR & _). rewrite HR in O1, O2.
    eapply slice_outside; [exact O1|exact O2|]. left. 
    pose proof (ok_sh2 A c). pose proof (ok_da2 A c). pose proof (ok_fit A c). pose proof (ok_q A c). unfold comp.
    destruct (Nat.ltb_spec (rl A (pr (st v))) (size A c)); rewrite mkR_l by lia; lia. }
  destruct R as (_ & _ & _ & V).
  apply (f_equal st) in V, V'. cbn in V, V'.
  assert (pm (st v) = pm (shadow A c r) /\ pr (st v) = pr (shadow A c r)) as (E1 & E2)
    by (rewrite <- V; auto).
  assert (pm (st (step A v)) = pm (shadow A c r') /\ pr (st (step A v)) = pr (shadow A c r')) as (E3 & E4)
    by (rewrite <- V'; auto).
  rewrite SH in E3, E4. destruct D; congruence.
Qed.
End OneStep.

Lemma slice_app : forall (p m : list N) a n, length p = a -> length m = n -> slice a n (p ++ m) = m.
Proof.
  intros p m a n La Ln. unfold slice. rewrite skipn_app, skipn_all2 by lia.
  replace (a - length p) with 0 by lia. simpl. rewrite firstn_all2 by lia. reflexivity.
Qed.
Lemma overlay_app : forall (p m w : list N) a, length p = a -> length w = length m ->
  overlay a w (p ++ m) = p ++ w.
Proof.
  intros p m w a La Lw. unfold overlay.
  rewrite firstn_app, firstn_all2 by lia. replace (a - length p) with 0 by lia.
  rewrite skipn_all2 by (rewrite app_length; lia). simpl. rewrite !app_nil_r. reflexivity.
Qed.


(* ------------------------------------------------- impossibility, for MJ *)
(** Two guests, which differ in one word: the first enters user mode by JRST 1, the second jumps. *)
Definition text (w : N) : list N :=
  [0;0;0;0;0;0; 0;0;0;20;0;24;
   w;             (* 12: JRST 1,13  or  JMP 13 *)
   op 3 12;       (* 13: ST 12: wipe the evidence *)
   op 8 0;        (* 14: RDR: privileged *)
   op 5 15;       (* 15: loop (supervisor continues here) *)
   0;0;0;0;
   op 5 20;       (* 20: loop (the trap comes here) *)
   0;0;0]%N.
Definition guest (w : N) : stateA MJ := mkst (text w) 0%N tt (mkpsw Sup 12%N (0%N, 24%N)).
Definition met : stateA MJ := mkst (text 0) 0%N tt (mkpsw Usr 14%N (0%N, 24%N)).

(** No VMM for MJ, wherever it is put; one for M0 (and for SM) by Theorem 1. *)
Theorem MJ_no_vmm : forall base, 18 <= base -> base + 24 <= 1000 -> ~ vmm_exists MJ base 24.
Proof.
  intros base B F.
  assert (F' : (N.of_nat (base + 24) <= maxmem MJ)%N) by (change (maxmem MJ) with 1000%N; lia).
  assert (S : 2 * K MJ <= 24) by (apply Nat.leb_le; reflexivity).
  apply (no_monitor MJ base 24 B F' S MJ_hybrid (guest (op 9 13)) (guest (op 5 13)) 2 2 met 3 3
           (iter MJ 3 (step MJ) (guest (op 9 13))) (iter MJ 3 (step MJ) (guest (op 5 13))));
  try reflexivity; try (split; vm_compute; reflexivity).
  vm_compute. discriminate.
Qed.
Theorem M0_vmm : vmm_exists M0 30 24.
Proof.
  apply theorem1_vmm_exists; try exact 0%N; try exact M0_virtualizable;
  first [apply Nat.leb_le; vm_compute; reflexivity | vm_compute; discriminate].
Qed.


Section HExists.
Context (A : arch) (base size : nat).
Definition is_hvmm (mon : stateA A -> stateA A) (P : mode -> RR A -> list (W A) -> Prop)
    (Rel : stateA A -> stateA A -> Prop) : Prop :=
  (forall v, length (mem v) = size -> exists r, Rel v r) /\
  (forall v r, Rel v r -> pm (st v) = Usr -> vm_map A base size P v r) /\
  (forall v v' r, Rel v r -> Rel v' r -> v = v') /\
  forall v r, length (mem v) = size -> Rel v r -> exists n, n > 0 /\ Rel (step A v) (iter A n (hosted A mon) r).
Definition hvmm_exists := exists mon P Rel, is_hvmm mon P Rel.

Hypothesis room : 3 * K A <= base.
Hypothesis fits : (N.of_nat (base + size) <= maxmem A)%N.
Hypothesis big : 2 * K A <= size.
Hypothesis W0 : W A.
Hypothesis PC0 : PC A.

Theorem theorem3_hvmm_exists : (forall i, user_sensitive A i -> privileged A i) -> hvmm_exists.
Proof.
  intro H. set (c := ecfg A base size room fits big PC0).
  exists (hmonitor A c), (EP A base size room fits big PC0), (hruns A c).
  split; [|split; [|split]].
  - intros v Lv.
    set (m0 := repeat W0 (K A) ++ save A (entry A c) ++ repeat W0 (base + size - 2 * K A)).
    assert (L2 : length (save A (entry A c)) = K A) by apply save_len.
    assert (I : minv A c (mkst m0 (regs v) (dev v) (st v))).
    { split; [|split]; cbn [mem].
      - unfold m0. rewrite !app_length, !repeat_length, L2. simpl. lia.
      - unfold m0. rewrite (slice_mid A base size room fits big) by (auto using repeat_length). apply dec_save.
      - reflexivity. }
    unfold hruns. destruct (pm (st v)).
    + eexists. apply park_trapped; eauto.
    + eexists. apply load_runs; eauto.
  - intros v r HR U. unfold hruns in HR. rewrite U in HR. apply vm_map_runs; auto.
    apply (runs_len _ _ HR).
  - apply hruns_inj.
  - intros v r Lv HR. destruct (theorem3 A c H _ (hmonitor_emulates A c) v r HR) as (n & Hn & R & _).
    exists n. split; [lia|exact R].
Qed.
End HExists.

(** What rules out every hybrid monitor: a guest in user mode whose next instruction the hardware does
    not trap, wherever the guest lies and whatever lies below it, and after which the hardware loops by
    itself, with other registers than the bare machine has. *)
Theorem no_hybrid_monitor : forall (A : arch) base size (v : stateA A), length (mem v) = size ->
  pm (st v) = Usr -> pm (st (step A v)) = Usr ->
  (forall p, length p = base -> exists x, result A (imaged A base size p v) = Next x /\
     pm (st x) = Usr /\ result A x = Next x /\ regs x <> regs (step A v)) ->
  ~ hvmm_exists A base size.
Proof.
  intros A base size v Lv U U' X (mon & P & Rel & L & UM & _ & H).
  destruct (L v Lv) as (r & R). destruct (UM v r R U) as (p & Lp & _ & E).
  destruct (X p Lp) as (x & R1 & Ux & R2 & D).
  assert (S1 : hosted A mon r = x).
  { rewrite E. unfold hosted, step. cbn [st pm]. unfold imaged in R1. rewrite R1. reflexivity. }
  assert (S2 : hosted A mon x = x) by (unfold hosted, step; rewrite Ux, R2; reflexivity).
  destruct (H v r Lv R) as (n & N & R').
  assert (Y : iter A n (hosted A mon) r = x).
  { destruct n as [|n]; [lia|]. cbn [iter]. rewrite S1. clear N R'.
    induction n as [|n IH]; [reflexivity|]. cbn [iter]. rewrite S2. exact IH. }
  rewrite Y in R'. destruct (UM _ _ R' U') as (p' & _ & _ & E').
  apply D. rewrite E'. reflexivity.
Qed.

Theorem MJ_hvmm : hvmm_exists MJ 30 24.
Proof.
  apply theorem3_hvmm_exists; try exact 0%N; try exact MJ_hybrid;
  first [apply Nat.leb_le; vm_compute; reflexivity | vm_compute; discriminate].
Qed.

(** MU: M0 with RDRU, "acc := R.l" for everybody. *)
Definition ukind (i : tinstr) := match i with
  | SMSW => KRaw (SGet (fun p g => SSet (mkpsw (pm p) (pp p + 1)%N (pr p)) (fst (pr p)) SRet))
  | _ => tkind' 2 i end.
Definition utoy : small :=
  {| iW := N; iW_dec := N.eq_dec; iG := N; iG_dec := N.eq_dec; iPC := N; iPC_dec := N.eq_dec;
    ipcn := N.to_nat; iRR := TRR; iRR_dec := iRR_dec (toy 2); irl := irl (toy 2); irb := irb (toy 2);
    imaxmem := 1000; imkR := imkR (toy 2); imkR_l := imkR_l (toy 2); imkR_b := imkR_b (toy 2);
    icause := tcause; icause_dec := tcause_dec; iis_mem := iis_mem (toy 2); imfault := CMem;
    imfault_mem := imfault_mem (toy 2);
    iinstr := tinstr; idecode := tdecode 2; ikind := ukind;
    iK := 6; ienc := tenc; ienc_len := ienc_len (toy 2); idec := tdec; idec_enc := idec_enc (toy 2) |}.
Definition MU := small_arch utoy.

Theorem RDRU_user_sensitive : user_sensitive MU SMSW /\ ~ privileged MU SMSW.
Proof.
  split.
  - right. exists (mkst (repeat 5%N 10) 0%N tt (mkpsw Usr 0%N (0%N, 4%N))),
         (mkst (repeat 5%N 10) 0%N tt (mkpsw Usr 0%N (2%N, 4%N))).
    repeat split. intros (_ & _ & H). vm_compute in H. discriminate.
  - intros (H & _). destruct (H (mkst [] 0%N tt (mkpsw Usr 0%N (0%N, 0%N))) eq_refl) as (c & E). discriminate.
Qed.

Definition mu : list N := [0;0;0;0;0;0;0;0;0;0;0;0; op 10 0; op 5 13]%N.   (* RDRU; loop *)

Theorem MU_no_hvmm : forall base, 0 < base -> ~ hvmm_exists MU base 14.
Proof.
  intros base B (mon & P & Rel & L & UM & _ & H).
  set (v := mkst mu 0%N tt (mkpsw Usr 12%N (0%N, 14%N)) : stateA MU).
  destruct (L v eq_refl) as (r & HR). pose proof (UM v r HR eq_refl) as (p & Lp & _ & Er).
  assert (CF : compose MU base 14 (0, 14)%N = (N.of_nat base, 14%N)).
  { unfold compose. simpl. rewrite Nat.add_0_r. reflexivity. }
  set (rr := fun g pc => (mkst (p ++ mu) g tt (mkpsw Usr pc (N.of_nat base, 14%N)) : stateA MU)).
  assert (E0 : r = rr 0%N 12%N) by (rewrite Er; change (pr (st v)) with (0, 14)%N; rewrite CF; reflexivity).
  assert (WN : forall g pc, window MU (rr g pc) = mu).
  { intros. unfold window. change (rl MU (pr (st (rr g pc)))) with (N.to_nat (N.of_nat base)).
    rewrite Nnat.Nat2N.id. apply (slice_app p mu base 14); auto. }
  assert (S1 : step MU (rr 0%N 12%N) = rr (N.of_nat base) 13%N).
  { unfold step, result, fetch. rewrite WN. reflexivity. }
  assert (S2 : step MU (rr (N.of_nat base) 13%N) = rr (N.of_nat base) 13%N).
  { unfold step, result, fetch. rewrite WN.
    change (match lift (irl (toy 2)) (irb (toy 2)) CMem (VGet (fun p g => VSet (N.of_nat 13) g VRet)) (rr (N.of_nat base) 13%N)
            with Next s' => s' | Trap c => do_trap MU c (rr (N.of_nat base) 13%N) end = rr (N.of_nat base) 13%N).
    unfold lift.
    match goal with |- context[win ?a ?b ?c ?d ?e ?f ?s] =>
      replace (win a b c d e f s) with mu by (symmetry; exact (WN _ _)) end.
    change (mkst (overlay (N.to_nat (N.of_nat base)) mu (p ++ mu)) (N.of_nat base) tt (mkpsw Usr 13%N (N.of_nat base, 14%N)) = rr (N.of_nat base) 13%N).
    assert (OV : @overlay N (N.to_nat (N.of_nat base)) mu (p ++ mu) = p ++ mu)
      by (rewrite Nnat.Nat2N.id; apply (overlay_app p mu mu base); auto).
    exact (f_equal (fun m => (mkst m (N.of_nat base) tt (mkpsw Usr 13%N (N.of_nat base, 14%N)) : stateA MU)) OV). }
  destruct (H v r eq_refl HR) as (n & N1 & HR').
  assert (X : iter MU n (hosted MU mon) r = rr (N.of_nat base) 13%N).
  { rewrite E0. destruct n; [lia|]. cbn [iter].
    change (hosted MU mon (rr 0%N 12%N)) with (step MU (rr 0%N 12%N)). rewrite S1.
    clear N1 HR'. induction n; [reflexivity|]. cbn [iter].
    change (hosted MU mon (rr (N.of_nat base) 13%N)) with (step MU (rr (N.of_nat base) 13%N)). rewrite S2. exact IHn. }
  rewrite X in HR'. destruct (UM _ _ HR' eq_refl) as (p' & _ & _ & E).
  apply (f_equal regs) in E. simpl in E. lia.
Qed.

(** SMSW proper (reads M only) is sensitive, but not user sensitive: user programs always run in user
    mode on the real machine too. *)
Theorem SMSW_not_user_sensitive : ~ user_sensitive MS SMSW.
Proof.
  intros [(s & s' & U & X & C)|(s1 & s2 & U1 & U2 & (V1 & V2 & V3) & D)].
  - injection X as <-. unfold control_change, outside_same in C. simpl in C.
    destruct C as [C|[C|[C|C]]]; apply C; auto. destruct s as [m g [] p]. reflexivity.
  - apply D. simpl. split; [exact V1|]. split; [simpl; f_equal; exact V2|].
    destruct s1 as [m1 g1 d1 [a1 p1 l1']], s2 as [m2 g2 d2 [a2 p2 l2']]. simpl in *. subst. reflexivity.
Qed.
