(** A control program that is a program: 56 instructions of a small machine, run by that machine
    itself, and verified.  With it the statements on programs are not vacuous. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification VMMap Monitor Theorem1 Theorem2 Kinds Toy.

Inductive reg := R0 | R1 | R2 | R3.
Inductive ins :=
| XILL | XSVC
| XLD (r : reg) (a : nat) | XST (r : reg) (a : nat)
| XLDX (r s : reg) | XSTX (r s : reg)
| XMOV (r s : reg) | XADD (r s : reg) | XSUB (r s : reg) | XMIN (r s : reg)
| XJGE (r s : reg) (a : nat) | XJMP (a : nat)
| XJU (r : reg) (a : nat)        (* jump if the PSW in r has user mode *)
| XJNL (r : reg) (a : nat)       (* jump if the word in r is not a LPSW instruction *)
| XOPND (r s : reg)              (* r := operand of the LPSW in s *)
| XGP (r s : reg) | XGL (r s : reg) | XGB (r s : reg)    (* fields P, l, b of the PSW in s *)
| XMRG (r s : reg)               (* r := <M of r, P of s, R of r>, cause of s *)
| XSETC (r s : reg)              (* cause of r := memory trap at s *)
| XMKP (r s t : reg)             (* r := <user, t, (r,s)> *)
| XLPSW (a : nat).

Definition SPSW := psw nat (nat * nat).
Inductive word := WI (i : ins) | WN (n : nat) | WP (c : tcause) (p : SPSW).
Definition word_dec : forall a b : word, {a = b} + {a <> b}.
Proof. repeat decide equality. Defined.

Definition num (w : word) := match w with WN n => n | _ => 0 end.
Definition dpsw : SPSW := mkpsw Sup 0 (0, 0).
Definition pswof (w : word) := match w with WP _ p => p | _ => dpsw end.
Definition cof (w : word) := match w with WP c _ => c | _ => CIll end.
Definition insof (w : word) := match w with WI i => i | _ => XILL end.

Definition regs4 := (word * word * word * word)%type.
Definition get (r : reg) (g : regs4) := let '(a, b, c, d) := g in
  match r with R0 => a | R1 => b | R2 => c | R3 => d end.
Definition set (r : reg) (w : word) (g : regs4) := let '(a, b, c, d) := g in
  match r with R0 => (w, b, c, d) | R1 => (a, w, c, d) | R2 => (a, b, w, d) | R3 => (a, b, c, w) end.

Definition SV := vprog word regs4 nat tcause.
Definition op1 (f : regs4 -> regs4) : SV := VGet (fun p g => VSet (S p) (f g) VRet).
Definition jmp (f : regs4 -> nat -> nat) : SV := VGet (fun p g => VSet (f g p) g VRet).
Definition upP (c : tcause) (p : SPSW) := WP c p.

Definition skind (i : ins) : kind word regs4 nat (nat * nat) tcause :=
  match i with
  | XILL => KInno (VTrap CIll)
  | XSVC => KInno (VTrap CSvc)
  | XLD r a => KInno (VRd a (fun w => op1 (set r w)))
  | XST r a => KInno (VGet (fun p g => VWr a (get r g) (VSet (S p) g VRet)))
  | XLDX r s => KInno (VGet (fun p g => VRd (num (get s g)) (fun w => VSet (S p) (set r w g) VRet)))
  | XSTX r s => KInno (VGet (fun p g => VWr (num (get s g)) (get r g) (VSet (S p) g VRet)))
  | XMOV r s => KInno (op1 (fun g => set r (get s g) g))
  | XADD r s => KInno (op1 (fun g => set r (WN (num (get s g) + num (get r g))) g))
  | XSUB r s => KInno (op1 (fun g => set r (WN (num (get r g) - num (get s g))) g))
  | XMIN r s => KInno (op1 (fun g => set r (WN (min (num (get r g)) (num (get s g)))) g))
  | XJGE r s a => KInno (jmp (fun g p => if num (get s g) <=? num (get r g) then a else S p))
  | XJMP a => KInno (jmp (fun _ _ => a))
  | XJU r a => KInno (jmp (fun g p => match pm (pswof (get r g)) with Usr => a | Sup => S p end))
  | XJNL r a => KInno (jmp (fun g p => match insof (get r g) with XLPSW _ => S p | _ => a end))
  | XOPND r s => KInno (op1 (fun g => set r (WN (match insof (get s g) with XLPSW a => a | _ => 0 end)) g))
  | XGP r s => KInno (op1 (fun g => set r (WN (pp (pswof (get s g)))) g))
  | XGL r s => KInno (op1 (fun g => set r (WN (fst (pr (pswof (get s g))))) g))
  | XGB r s => KInno (op1 (fun g => set r (WN (snd (pr (pswof (get s g))))) g))
  | XMRG r s => KInno (op1 (fun g => set r (WP (cof (get s g))
       (mkpsw (pm (pswof (get r g))) (pp (pswof (get s g))) (pr (pswof (get r g))))) g))
  | XSETC r s => KInno (op1 (fun g => set r (WP (CMem (num (get s g))) (pswof (get r g))) g))
  | XMKP r s t => KInno (op1 (fun g => set r (WP CIll
       (mkpsw Usr (num (get t g)) (num (get r g), num (get s g)))) g))
  | XLPSW a => KPriv CPriv (SRd a (fun w => SGet (fun _ g => SSet (pswof w) g SRet)))
  end.

Definition soft (mx : nat) : small.
  refine {| iW := word; iW_dec := word_dec; iG := regs4; iPC := nat; iPC_dec := Nat.eq_dec;
    ipcn := fun n => n; iRR := (nat * nat)%type; irl := fst; irb := snd;
    imaxmem := N.of_nat mx; imkR := fun l b => (l, b);
    icause := tcause; icause_dec := tcause_dec;
    iis_mem := fun c => match c with CMem _ => true | _ => false end; imfault := CMem;
    iinstr := ins; idecode := insof; ikind := skind;
    iK := 1; ienc := fun c p => [WP c p]; idec := fun l => match l with [w] => pswof w | _ => dpsw end |};
  try reflexivity.
  - repeat decide equality.
  - decide equality; apply Nat.eq_dec.
Defined.

Definition SM mx := small_arch (soft mx).

Theorem SM_virtualizable : forall mx i, sensitive (SM mx) i -> privileged (SM mx) i.
Proof. intro mx. apply check1_sound. destruct i; reflexivity. Qed.

(* ------------------------------------------------------------------ the control program *)
Definition BASE := 64. Definition SIZE := 65. Definition BASE1 := 66.
Definition REFL := 40. Definition FAULT := 39. Definition RESUME := 44. Definition ZERO := 54. Definition MK := 56.
Definition code : list ins := [
(*  8 *) XST R0 4; XST R1 5; XST R2 6; XST R3 7;
(* 12 *) XLD R0 0; XLD R1 2; XMRG R1 R0; XJU R1 REFL;
(* 16 *) XGP R2 R1; XGB R3 R1; XJGE R2 R3 REFL; XGL R3 R1; XADD R2 R3; XLD R3 SIZE; XJGE R2 R3 REFL;
(* 23 *) XLD R3 BASE; XADD R2 R3; XLDX R2 R2; XJNL R2 REFL;
(* 27 *) XOPND R2 R2; XMOV R0 R2; XGB R3 R1; XJGE R2 R3 FAULT; XGL R3 R1; XADD R2 R3; XLD R3 SIZE; XJGE R2 R3 FAULT;
(* 35 *) XLD R3 BASE; XADD R2 R3; XLDX R2 R2; XJMP RESUME;
(* 39 *) XSETC R1 R0;
(* 40 *) XLD R3 BASE; XSTX R1 R3; XLD R3 BASE1; XLDX R2 R3;
(* 44 *) XST R2 2; XGL R0 R2; XLD R1 SIZE; XJGE R0 R1 ZERO; XSUB R1 R0; XGB R3 R2; XMIN R3 R1;
(* 51 *) XLD R1 BASE; XADD R0 R1; XJMP MK;
(* 54 *) XLD R0 BASE; XSUB R3 R3;
(* 56 *) XGP R1 R2; XMKP R0 R3 R1; XST R0 3;
(* 59 *) XLD R0 4; XLD R1 5; XLD R2 6; XLD R3 7; XLPSW 3 ].
Definition kbase := 67.
Definition text (sz : nat) : list word := map WI code ++ [WN kbase; WN sz; WN (S kbase)].

Example text_len : forall sz, length (text sz) = 59. Proof. reflexivity. Qed.

Section Prog.
Variables mx sz : nat.
Hypothesis sz2 : 2 <= sz.
Hypothesis fits : kbase + sz <= mx.
Let A := SM mx.

Lemma fits_N : (N.of_nat (kbase + sz) <= N.of_nat mx)%N.
Proof. lia. Qed.
Definition scfg : cfg A.
  refine {| q := kbase + sz; base := kbase; size := sz; da := 2; dn := 6; sh := 2; cb := 8;
    image := (text sz : list (W (SM mx)));
    entry := (mkpsw Sup 8 (0, kbase + sz) : psw (PC (SM mx)) (RR (SM mx))); ok_q := fits_N |};
  try reflexivity; try exact fits; try (simpl; unfold kbase in *; lia).
Defined.

(** what the control program may not touch: the new-PSW slot, its text, storage's end *)
Definition kept (m m' : list word) : Prop :=
  nth_error m' 1 = nth_error m 1 /\ slice 8 59 m' = slice 8 59 m.
Definition calm (s s' : stateA A) : Prop := length (mem s') = length (mem s) /\ kept (mem s) (mem s').
Definition reach (s : stateA A) (Q : stateA A -> Prop) := exists n, n > 0 /\ Q (iter A n (step A) s) /\
  forall j, j < n -> calm s (iter A j (step A) s).
Notation ms m g p := (mkst m g tt p).
Definition mst (m : list word) (g : regs4) (p : nat) : stateA A := ms m g (mkpsw Sup p (0, kbase + sz)).

Definition minstr (m : list word) (g : regs4) (p : nat) : option (list word * regs4 * nat) :=
  match nth_error m p with
  | Some (WI i) => match skind i with
      | KInno t => match vrun CMem t (m, p, g) with Next (m', p', g') => Some (m', g', p') | Trap _ => None end
      | _ => None end
  | _ => None end.

Lemma slice_full : forall (m : list word) n, length m = n -> slice 0 n m = m.
Proof. intros. unfold slice. simpl. apply firstn_all2. lia. Qed.

Lemma step_mst : forall m g p m' g' p', length m = kbase + sz -> minstr m g p = Some (m', g', p') ->
  step A (mst m g p) = mst m' g' p' /\ length m' = kbase + sz.
Proof.
  intros m g p m' g' p' L E. unfold minstr in E.
  destruct (nth_error m p) as [[i|n|c pw]|] eqn:F; try discriminate.
  destruct (skind i) eqn:KD; try discriminate.
  destruct (vrun CMem t (m, p, g)) as [[[m1 p1] g1]|c] eqn:V; [|discriminate].
  injection E as -> -> ->. assert (L' := vrun_len _ _ _ _ _ _ _ _ _ _ _ _ V). split; [|lia].
  assert (WN : window A (mst m g p) = m) by (apply (slice_full m); auto).
  assert (EX : exec A i (mst m g p) = Next (mst m' g' p')).
  { change (run_kind fst snd CMem (skind i) (mst m g p) = Next (mst m' g' p')).
    rewrite KD. unfold run_kind, lift.
    change (win word regs4 nat (nat * nat) fst snd (mst m g p)) with (window A (mst m g p)). rewrite WN.
    match goal with |- match ?x with _ => _ end = _ =>
      replace x with (@Next (view word regs4 nat) tcause (m', p', g')) by (symmetry; exact V) end.
    assert (OV : overlay 0 m' m = m').
    { unfold overlay. simpl. rewrite skipn_all2 by lia. apply app_nil_r. }
    change (@Next (stateA A) tcause (ms (overlay 0 m' m) g' (mkpsw Sup p' (0, kbase + sz))) = Next (mst m' g' p')).
    rewrite OV. reflexivity. }
  assert (FE : fetch A (mst m g p) = Some i).
  { unfold fetch. rewrite WN. exact (f_equal (option_map insof) F). }
  unfold step, result. rewrite FE, EX. reflexivity.
Qed.

Lemma reach_step : forall m g p m' g' p' Q, length m = kbase + sz -> minstr m g p = Some (m', g', p') -> kept m m' ->
  (length m' = kbase + sz -> reach (mst m' g' p') Q) -> reach (mst m g p) Q.
Proof.
  intros m g p m' g' p' Q L E KP H. destruct (step_mst _ _ _ _ _ _ L E) as (ES & L').
  destruct (H L') as (n & N & HQ & CL). exists (S n). split; [lia|]. simpl. rewrite ES. split; [exact HQ|].
  intros j Hj. destruct j as [|j]; [split; [reflexivity|split; reflexivity]|]. simpl. rewrite ES.
  destruct (CL j ltac:(lia)) as (C1 & C2 & C3). destruct KP as (K1 & K2).
  split; [rewrite C1; cbn; congruence|]. split; [rewrite C2; exact K1|rewrite C3; exact K2].
Qed.

(** the storage of the real machine, seen by the control program *)
Definition cells (o0 o1 o2 o3 s0 s1 s2 s3 : word) (g : list word) : list word :=
  o0 :: o1 :: o2 :: o3 :: s0 :: s1 :: s2 :: s3 :: text sz ++ g.


Ltac go := match goal with L : length _ = _ |- reach _ _ =>
  eapply reach_step; [exact L|cbn; reflexivity|split; reflexivity|]; clear L; intro L end.
Ltac go_if H := match goal with L : length _ = _ |- reach _ _ =>
  eapply reach_step; [exact L|cbn; rewrite H; reflexivity|split; reflexivity|]; clear L; intro L end.

Lemma reach_lpsw : forall m g p a w (Q : stateA A -> Prop), length m = kbase + sz ->
  nth_error m p = Some (WI (XLPSW a)) -> nth_error m a = Some w ->
  Q (ms m g (pswof w)) -> reach (mst m g p) Q.
Proof.
  intros m g p a w Q L F E H.
  assert (WN : window A (mst m g p) = m) by (apply (slice_full m); auto).
  assert (FE : fetch A (mst m g p) = Some (XLPSW a)).
  { unfold fetch. rewrite WN. exact (f_equal (option_map insof) F). }
  assert (EX : exec A (XLPSW a) (mst m g p) = Next (ms m g (pswof w))).
  { change (match nth_error (window A (mst m g p)) a with
            | Some w => srun fst snd CMem (SGet (fun _ g => SSet (pswof w) g SRet)) (mst m g p)
            | None => @Trap (stateA A) tcause (CMem a) end = Next (ms m g (pswof w))).
    rewrite WN. match goal with |- match ?x with _ => _ end = _ => replace x with (Some w) by (symmetry; exact E) end.
    reflexivity. }
  exists 1. split; [lia|]. split; [simpl; unfold step, result; rewrite FE, EX; exact H|].
  intros j Hj. replace j with 0 by lia. split; [reflexivity|split; reflexivity].
Qed.

Lemma resume_ok : forall o0 o1 o2 o3 s0 s1 s2 s3 g x0 x1 w x3 (Q : stateA A -> Prop),
  length (cells o0 o1 o2 o3 s0 s1 s2 s3 g) = kbase + sz ->
  (forall o3', Q (ms (cells o0 o1 w o3' s0 s1 s2 s3 g) (s0, s1, s2, s3)
          (mkpsw Usr (pp (pswof w)) (comp A scfg (pr (pswof w)))))) ->
  reach (mst (cells o0 o1 o2 o3 s0 s1 s2 s3 g) (x0, x1, w, x3) RESUME) Q.
Proof.
  intros o0 o1 o2 o3 s0 s1 s2 s3 g x0 x1 w x3 Q L HQ.
  assert (HC : comp A scfg (pr (pswof w)) =
     if sz <=? fst (pr (pswof w)) then (kbase, 0)
     else (kbase + fst (pr (pswof w)), min (snd (pr (pswof w))) (sz - fst (pr (pswof w))))).
  { unfold comp. change (rl A (pr (pswof w))) with (fst (pr (pswof w))).
    change (size A scfg) with sz. rewrite Nat.leb_antisym.
    destruct (Nat.ltb (fst (pr (pswof w))) sz); reflexivity. }
  rewrite HC in HQ. clear HC.
  unfold cells in *. cbn [text map code app] in *. unfold RESUME.
  do 3 go. destruct (sz <=? fst (pr (pswof w))) eqn:E.
  - go_if E. go. 
    match goal with L : length _ = _ |- reach _ _ =>
      eapply reach_step; [exact L|cbn; rewrite Nat.sub_diag; reflexivity|split; reflexivity|]; clear L; intro L end.
    do 7 go. eapply reach_lpsw; [exact L|reflexivity|reflexivity|]. apply HQ.
  - go_if E. do 13 go. eapply reach_lpsw; [exact L|reflexivity|reflexivity|]. apply HQ.
Qed.

Lemma refl_ok : forall o0 o1 o2 o3 s0 s1 s2 s3 e0 e1 g x0 r1 x2 x3 (Q : stateA A -> Prop),
  length (cells o0 o1 o2 o3 s0 s1 s2 s3 (e0 :: e1 :: g)) = kbase + sz ->
  (forall o3', Q (ms (cells o0 o1 e1 o3' s0 s1 s2 s3 (r1 :: e1 :: g)) (s0, s1, s2, s3)
          (mkpsw Usr (pp (pswof e1)) (comp A scfg (pr (pswof e1)))))) ->
  reach (mst (cells o0 o1 o2 o3 s0 s1 s2 s3 (e0 :: e1 :: g)) (x0, r1, x2, x3) REFL) Q.
Proof.
  intros o0 o1 o2 o3 s0 s1 s2 s3 e0 e1 g x0 r1 x2 x3 Q L HQ.
  unfold cells in *. cbn [text map code app] in *. unfold REFL.
  do 4 go. apply resume_ok; auto.
Qed.

Lemma fetch_nth : forall (gm : list word) (V : SPSW) rg,
  nth_error (window A (ms gm rg V)) (pp V) =
  if snd (pr V) <=? pp V then None else nth_error gm (fst (pr V) + pp V).
Proof.
  intros. unfold window. rewrite nth_slice.
  change (rb A (pr (st (ms gm rg V)))) with (snd (pr V)).
  change (rl A (pr (st (ms gm rg V)))) with (fst (pr V)).
  rewrite Nat.leb_antisym. destruct (Nat.ltb (pp V) (snd (pr V))); reflexivity.
Qed.
Lemma window_nth : forall (gm : list word) (V : SPSW) rg a,
  nth_error (window A (ms gm rg V)) a =
  if snd (pr V) <=? a then None else nth_error gm (fst (pr V) + a).
Proof.
  intros. unfold window. rewrite nth_slice.
  change (rb A (pr (st (ms gm rg V)))) with (snd (pr V)).
  change (rl A (pr (st (ms gm rg V)))) with (fst (pr V)).
  rewrite Nat.leb_antisym. destruct (Nat.ltb a (snd (pr V))); reflexivity.
Qed.

Lemma prog_ok : forall (k : tcause) (p0 : SPSW) (o1 o2 o3 s0 s1 s2 s3 e0 e1 : word) (g : list word)
    (a0 a1 a2 a3 : word) (Q : stateA A -> Prop),
  let gm : list word := e0 :: e1 :: g in
  let V : SPSW := @mkpsw nat (nat * nat) (pm (pswof o2)) (pp p0) (pr (pswof o2)) in
  let v : stateA A := ms gm (a0, a1, a2, a3) V in
  length gm = sz ->
  length (cells (WP k p0) o1 o2 o3 s0 s1 s2 s3 gm) = kbase + sz ->
  (result A v = Trap k \/ exists a, pm V = Sup /\ fetch A v = Some (XLPSW a)) ->
  (forall w gm' o0' o3', step A v = ms gm' (a0, a1, a2, a3) (pswof w) -> length gm' = sz ->
     Q (ms (cells o0' o1 w o3' a0 a1 a2 a3 gm') (a0, a1, a2, a3)
         (mkpsw Usr (pp (pswof w)) (comp A scfg (pr (pswof w)))))) ->
  reach (mst (cells (WP k p0) o1 o2 o3 s0 s1 s2 s3 gm) (a0, a1, a2, a3) 8) Q.
Proof.
  intros k p0 o1 o2 o3 s0 s1 s2 s3 e0 e1 g a0 a1 a2 a3 Q gm V v Lg L T F.
  (* what reflecting a trap with cause kk does to v *)
  assert (RFL : forall kk, result A v = Trap kk ->
     step A v = ms (WP kk V :: e1 :: g) (a0, a1, a2, a3) (pswof e1)).
  { intros kk H. unfold step. rewrite H. reflexivity. }
  assert (LG : length (WP k V :: e1 :: g) = sz) by (simpl; simpl in Lg; lia).
  assert (FV : fetch A v = option_map insof
     (if snd (pr V) <=? pp V then None else nth_error gm (fst (pr V) + pp V))).
  { unfold fetch. change (pcn A (pp (st v))) with (pp V). unfold v.
    rewrite fetch_nth. reflexivity. }
  assert (FN : fetch A v = None -> result A v = Trap k).
  { intro H. destruct T as [T|(a & _ & X)]; auto. congruence. }
  assert (FNL : forall i, fetch A v = Some i -> (forall a, i <> XLPSW a) -> result A v = Trap k).
  { intros i H NL. destruct T as [T|(a & _ & X)]; auto. exfalso. apply (NL a). congruence. }
  assert (FL : forall a, fetch A v = Some (XLPSW a) -> pm V = Sup -> result A v =
     match (if snd (pr V) <=? a then None else nth_error gm (fst (pr V) + a)) with
     | Some w => Next (ms gm (a0, a1, a2, a3) (pswof w)) | None => Trap (CMem a) end).
  { intros a H M.
    transitivity (match nth_error (window A v) a with
       | Some w => Next (ms gm (a0, a1, a2, a3) (pswof w)) | None => @Trap (stateA A) tcause (CMem a) end).
    - unfold result. rewrite H.
      change (match pm V with Sup => srun fst snd CMem (SRd a (fun w => SGet (fun _ g => SSet (pswof w) g SRet))) v
       | Usr => @Trap (stateA A) tcause CPriv end =
       match nth_error (window A v) a with
       | Some w => Next (ms gm (a0, a1, a2, a3) (pswof w)) | None => Trap (CMem a) end).
      rewrite M. reflexivity.
    - unfold v. rewrite window_nth. reflexivity. }
  unfold gm in L |- *. unfold cells in L |- *. cbn [text map code app] in L |- *.
  do 7 go.
  destruct (pm (pswof o2)) eqn:EM.
  2:{ (* virtual user mode *)
    assert (HV : V = @mkpsw nat (nat * nat) Usr (pp p0) (pr (pswof o2))) by (unfold V; try rewrite EM; reflexivity).
    go.
    assert (T' : result A v = Trap k).
    { destruct T as [T|(a & M & _)]; auto. unfold V in M. simpl in M. congruence. }
    apply refl_ok; [exact L|]. intro o3'. unfold SPSW in V, HV; rewrite <- HV.
    apply (F e1 (WP k V :: e1 :: g)); auto. }
  assert (HV : V = @mkpsw nat (nat * nat) Sup (pp p0) (pr (pswof o2))) by (unfold V; try rewrite EM; reflexivity).
  go. go. go.
  destruct (snd (pr (pswof o2)) <=? pp p0) eqn:C1.
  { go_if C1. apply refl_ok; [exact L|]. intro o3'. unfold SPSW in V, HV; rewrite <- HV.
    apply (F e1 (WP k V :: e1 :: g)); auto. apply RFL, FN. rewrite FV. unfold V. simpl. rewrite C1. reflexivity. }
  go_if C1. do 3 go.
  destruct (sz <=? fst (pr (pswof o2)) + pp p0) eqn:C2.
  { go_if C2. apply refl_ok; [exact L|]. intro o3'. unfold SPSW in V, HV; rewrite <- HV.
    apply (F e1 (WP k V :: e1 :: g)); auto. apply RFL, FN. rewrite FV. unfold V. simpl pr. simpl pp. rewrite C1.
    apply Nat.leb_le in C2. rewrite nth_none by lia. reflexivity. }
  go_if C2. do 2 go.
  destruct (nth_error gm (fst (pr (pswof o2)) + pp p0)) as [w1|] eqn:N1.
  2:{ exfalso. apply nth_error_None in N1. apply Nat.leb_gt in C2. lia. }
  assert (FV1 : fetch A v = Some (insof w1)).
  { rewrite FV. unfold V. simpl pr. simpl pp. rewrite C1, N1. reflexivity. }
  pose proof (N1 : @nth_error word (e0 :: e1 :: g) (fst (pr (pswof o2)) + pp p0) = Some w1) as N1'.
  go_if N1'.
  assert (CASE : (exists a, insof w1 = XLPSW a) \/ (forall a, insof w1 <> XLPSW a)).
  { destruct (insof w1); eauto; right; discriminate. }
  destruct CASE as [(a & EI)|NL].
  2:{ eapply (reach_step _ _ _ _ _ REFL); [exact L| | |].
      - cbn. destruct (insof w1); try reflexivity. exfalso. eapply NL. reflexivity.
      - split; reflexivity.
      - clear L; intro L. apply refl_ok; [exact L|]. intro o3'. unfold SPSW in V, HV; rewrite <- HV.
        apply (F e1 (WP k V :: e1 :: g)); auto. apply RFL. eapply FNL; eauto. }
  assert (MV : pm V = Sup) by (rewrite HV; reflexivity).
  rewrite EI in FV1. pose proof (FL a FV1 MV) as RV. unfold V in RV. simpl pr in RV. 
  go_if EI. go_if EI. do 2 go.
  assert (FLT : result A v = Trap (CMem a) -> forall x0 x2 x3 s0' s1' s2' s3' q0 q3,
     x0 = WN a -> s0' = a0 -> s1' = a1 -> s2' = a2 -> s3' = a3 ->
     length (cells q0 o1 o2 q3 s0' s1' s2' s3' gm) = kbase + sz ->
     reach (mst (cells q0 o1 o2 q3 s0' s1' s2' s3' gm) (x0, WP k (mkpsw Sup (pp p0) (pr (pswof o2))), x2, x3) FAULT) Q).
  { clear L. intros TV x0 x2 x3 s0' s1' s2' s3' q0 q3 -> -> -> -> -> L.
    unfold gm in L |- *. unfold cells in L |- *. cbn [text map code app] in L |- *.
    go. apply refl_ok; [exact L|]. intro o3'.
    assert (EQ : WP (CMem a) V = WP (CMem a) (mkpsw Sup (pp p0) (pr (pswof o2)))) 
      by (unfold V; try rewrite EM; reflexivity).
    rewrite <- EQ. apply (F e1 (WP (CMem a) V :: e1 :: g)); auto. }
  destruct (snd (pr (pswof o2)) <=? a) eqn:C4.
  { go_if C4. apply FLT; auto. }
  go_if C4. do 3 go.
  destruct (sz <=? fst (pr (pswof o2)) + a) eqn:C5.
  { go_if C5. apply FLT; auto. rewrite RV. 
    apply Nat.leb_le in C5. rewrite nth_none by lia. reflexivity. }
  go_if C5. do 2 go.
  destruct (nth_error gm (fst (pr (pswof o2)) + a)) as [w2|] eqn:N2.
  2:{ exfalso. apply nth_error_None in N2. apply Nat.leb_gt in C5. lia. }
  pose proof (N2 : @nth_error word (e0 :: e1 :: g) (fst (pr (pswof o2)) + a) = Some w2) as N2'.
  go_if N2'. go.
  apply resume_ok; [exact L|]. intro o3'. apply (F w2 gm); auto.
  unfold step. rewrite RV. reflexivity.
Qed.

Lemma decomp : forall m : list word, length m = kbase + sz -> slice 8 59 m = text sz ->
  exists o0 o1 o2 o3 s0 s1 s2 s3 e0 e1 g,
    m = cells o0 o1 o2 o3 s0 s1 s2 s3 (e0 :: e1 :: g) /\ length (e0 :: e1 :: g) = sz.
Proof.
  intros m L T. unfold kbase in L.
  do 8 (destruct m as [|? m]; [simpl in L; lia|]).
  assert (LM : length m = 59 + sz) by (simpl in L; lia). clear L.
  assert (TM : firstn 59 m = text sz) by exact T.
  assert (E : m = text sz ++ skipn 59 m) by (rewrite <- TM; symmetry; apply firstn_skipn).
  assert (LS : length (skipn 59 m) = sz) by (rewrite skipn_length; lia).
  destruct (skipn 59 m) as [|e0 [|e1 g]]; simpl in LS; [lia|lia|].
  do 11 eexists. split; [|exact LS]. unfold cells. rewrite <- E. reflexivity.
Qed.

Lemma cells_len : forall o0 o1 o2 o3 s0 s1 s2 s3 g, length g = sz ->
  length (cells o0 o1 o2 o3 s0 s1 s2 s3 g) = kbase + sz.
Proof.
  intros. unfold cells, kbase. cbn [length]. rewrite app_length, H.
  change (length (text sz)) with 59. lia.
Qed.

Lemma cells_guest : forall o0 o1 o2 o3 s0 s1 s2 s3 g, length g = sz ->
  slice kbase sz (cells o0 o1 o2 o3 s0 s1 s2 s3 g) = g.
Proof.
  intros. unfold slice. change (skipn kbase (cells o0 o1 o2 o3 s0 s1 s2 s3 g)) with g.
  apply firstn_all2. lia.
Qed.

Lemma cells_other : forall o0 o1 o2 o3 s0 s1 s2 s3 g o0' o2' o3' s0' s1' s2' s3' g' j,
  length g = sz -> length g' = sz -> 1 <= j -> (j < 2 \/ 8 <= j) -> (j < kbase \/ kbase + sz <= j) ->
  nth_error (cells o0 o1 o2 o3 s0 s1 s2 s3 g) j = nth_error (cells o0' o1 o2' o3' s0' s1' s2' s3' g') j.
Proof.
  intros o0 o1 o2 o3 s0 s1 s2 s3 g o0' o2' o3' s0' s1' s2' s3' g' j L L' H1 H2 H3. unfold kbase in H3.
  destruct j as [|[|[|[|[|[|[|[|j]]]]]]]]; try lia; [reflexivity|].
  cbn [cells nth_error]. destruct (Nat.lt_ge_cases j 59).
  - rewrite !nth_error_app1; auto.
  - rewrite !nth_none; auto; rewrite app_length; change (length (text sz)) with 59; lia.
Qed.

Lemma calm_kept : forall s s' : stateA A, length (mem s) = kbase + sz -> calm s s' -> resources_kept A scfg s s'.
Proof.
  intros s s' L (C1 & C2 & C3). split; [exact C1|]. intros o n H1 H2 H3.
  apply nth_ext_err; intro j. rewrite !nth_slice.
  destruct (Nat.ltb_spec j n) as [Hj|]; [|reflexivity].
  change (K A) with 1 in H1. change (da A scfg) with 2 in H2. change (dn A scfg) with 6 in H2.
  change (base A scfg) with kbase in H3. change (size A scfg) with sz in H3. unfold kbase in *.
  destruct (Nat.eq_dec (o + j) 1) as [->|]; [exact C2|].
  destruct (Nat.lt_ge_cases (o + j) 67).
  - assert (N := f_equal (fun z => nth_error z (o + j - 8)) C3). cbn beta in N.
    rewrite !nth_slice in N. destruct (Nat.ltb_spec (o + j - 8) 59); [|lia].
    replace (8 + (o + j - 8)) with (o + j) in N by lia. exact N.
  - assert (L' : length (mem s') = 67 + sz) by (rewrite C1; exact L).
    rewrite !nth_none; auto; try (change (length (mem s')) with (length (mem s')); lia).
Qed.

Lemma exec_lpsw_user : forall a (s : stateA A), pm (st s) = Usr -> exec A (XLPSW a) s = Trap CPriv.
Proof.
  intros a s U. destruct s as [m g d [mo p l]]. cbn in U. subst mo. reflexivity.
Qed.

(** the hardware trapped: the virtual machine traps alike, or it is a supervisor's LPSW *)
Lemma trap_cases : forall v r k, runs A scfg v r -> result A r = Trap k ->
  result A v = Trap k \/ exists a, pm (st v) = Sup /\ fetch A v = Some (XLPSW a).
Proof.
  intros v r k R Er. pose proof (runs_view _ _ R) as VW.
  unfold result in *. rewrite (fetch_view A _ _ VW).
  destruct (fetch A r) as [i|] eqn:F; [|left; destruct VW as (_ & VP & _); rewrite VP; exact Er].
  destruct (skind i) as [t|c t|t u|t] eqn:KD.
  - left. pose proof (innocuous_view A i (inno_innocuous (soft mx) i t KD) _ _ VW) as SO.
    rewrite Er in SO. destruct (exec A i v); [destruct SO|]. simpl in SO. subst; reflexivity.
  - destruct i; simpl in KD; try discriminate.
    destruct (pm (st v)) eqn:M; [right; eauto|left].
    rewrite (exec_lpsw_user a v M). rewrite <- Er. symmetry. apply exec_lpsw_user.
    destruct R as (_ & U & _). exact U.
  - destruct i; discriminate.
  - destruct i; discriminate.
Qed.

Theorem soft_correct : control_program_correct A scfg.
Proof.
  intros v r k R Er. pose proof (trap_cases _ _ _ R Er) as TC.
  pose proof R as ((Lr & Ern & Im) & U & HR & HV).
  destruct r as [m rg [] pw]. cbn [mem regs st] in *.
  destruct (decomp m Lr Im) as (o0 & o1 & o2 & o3 & s0 & s1 & s2 & s3 & e0 & e1 & g & Em & Lg).
  destruct rg as [[[a0 a1] a2] a3].
  set (gm := e0 :: e1 :: g) in *.
  set (V := @mkpsw nat (nat * nat) (pm (pswof o2)) (pp pw) (pr (pswof o2))).
  assert (Ev : v = ms gm (a0, a1, a2, a3) V).
  { rewrite <- HV. unfold vabs. cbn [mem regs]. rewrite Em.
    f_equal. apply cells_guest. exact Lg. }
  assert (E1 : pswof o1 = mkpsw Sup 8 (0, kbase + sz)).
  { rewrite Em in Ern. exact Ern. }
  assert (ED : do_trap A k (ms m (a0, a1, a2, a3) pw) =
               mst (cells (WP k pw) o1 o2 o3 s0 s1 s2 s3 gm) (a0, a1, a2, a3) 8).
  { unfold do_trap, mst. cbn [mem regs st]. rewrite Em. 
    change (dec A (slice (K A) (K A) (cells o0 o1 o2 o3 s0 s1 s2 s3 gm))) with (pswof o1).
    rewrite E1. reflexivity. }
  assert (GOAL : reach (mst (cells (WP k pw) o1 o2 o3 s0 s1 s2 s3 gm) (a0, a1, a2, a3) 8)
    (fun r' => emulates A scfg v (mst (cells (WP k pw) o1 o2 o3 s0 s1 s2 s3 gm) (a0, a1, a2, a3) 8) r')).
  2:{ destruct GOAL as (n & Hn & X & CL). exists n. split; [exact Hn|]. rewrite <- ED in X, CL.
      split; [exact X|]. intros j Hj. destruct (Nat.eq_dec j n) as [->|NE]; [exact (proj2 X)|].
      apply calm_kept; [|apply CL; lia].
      apply (f_equal (fun s => length (mem s))) in ED. etransitivity; [exact ED|]. apply cells_len; exact Lg. }
  clear ED.
  apply (prog_ok k pw o1 o2 o3 s0 s1 s2 s3 e0 e1 g a0 a1 a2 a3).
  - exact Lg.
  - apply cells_len; exact Lg.
  - (* the hardware trapped: the virtual machine traps alike, or it is a supervisor's LPSW *)
    rewrite Ev in TC. exact TC.
  - (* the state the program ends in *)
    intros w gm' o0' o3' HS0 HL.
    assert (HS : step A v = (ms gm' (a0, a1, a2, a3) (pswof w) : stateA A)) by (rewrite Ev; exact HS0).
    unfold emulates. rewrite HS. split.
    + split; [split; [|split]|split; [reflexivity|split; [reflexivity|]]].
      * apply cells_len; exact HL.
      * exact E1.
      * reflexivity.
      * unfold vabs. cbn [mem regs st pp]. 
        change (shadow A scfg (ms (cells o0' o1 w o3' a0 a1 a2 a3 gm') (a0, a1, a2, a3)
           (mkpsw Usr (pp (pswof w)) (comp A scfg (pr (pswof w)))))) with (pswof w).
        transitivity (ms (slice kbase sz (cells o0' o1 w o3' a0 a1 a2 a3 gm')) (a0, a1, a2, a3) (pswof w) : stateA A).
        -- destruct (pswof w). reflexivity.
        -- rewrite cells_guest by exact HL. reflexivity.
    + split.
      * cbn [mem mst]. rewrite !cells_len by assumption. reflexivity.
      * intros o n H1 H2 H3. apply nth_ext_err; intro j. rewrite !nth_slice.
        destruct (Nat.ltb_spec j n); [|reflexivity]. cbn [mem mst].
        change (K A) with 1 in H1. change (da A scfg) with 2 in H2. change (dn A scfg) with 6 in H2.
        change (base A scfg) with kbase in H3. change (size A scfg) with sz in H3.
        apply cells_other; auto; lia.
Qed.
End Prog.

