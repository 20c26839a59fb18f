(** Small machines, for examples and counterexamples, with instructions as effect trees.

    What an instruction can see and do is a matter of its type: an unprivileged one ([vprog]) has the
    storage that R gives it, P and the registers, and no means to tell more.  So its class can be
    read off its [kind]. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification.

Section Trees.
Context (W G PC RR cause : Type) (rl rb : RR -> nat).
Context (mfault : nat -> cause).   (* memory trap at a relative address *)
Notation state := (state W G unit PC RR).

(** unprivileged bodies: they see their window, P and the registers, and may trap *)
Inductive vprog :=
| VRet
| VTrap (c : cause)
| VRd (a : nat) (k : W -> vprog)
| VWr (a : nat) (w : W) (k : vprog)
| VGet (k : PC -> G -> vprog)
| VSet (p : PC) (g : G) (k : vprog).

(** supervisor bodies: they also see and set M and R; they trap only on a bad address *)
Inductive sprog :=
| SRet
| SRd (a : nat) (k : W -> sprog)
| SWr (a : nat) (w : W) (k : sprog)
| SGet (k : psw PC RR -> G -> sprog)
| SSet (p : psw PC RR) (g : G) (k : sprog).

Definition view := (list W * PC * G)%type.

Definition upd (a : nat) (w : W) (m : list W) := overlay a [w] m.

Fixpoint vrun (t : vprog) (v : view) : outcome view cause :=
  let '(m, p, g) := v in
  match t with
  | VRet => Next v
  | VTrap c => Trap c
  | VRd a k => match nth_error m a with Some w => vrun (k w) v | None => Trap (mfault a) end
  | VWr a w k => if a <? length m then vrun k (upd a w m, p, g) else Trap (mfault a)
  | VGet k => vrun (k p g) v
  | VSet p g k => vrun k (m, p, g)
  end.

Lemma vrun_len : forall t m p g m' p' g', vrun t (m, p, g) = Next (m', p', g') -> length m' = length m.
Proof.
  induction t; intros m q g0 m' p' g' E; simpl in E.
  - congruence.
  - discriminate.
  - destruct (nth_error m a); [eauto|discriminate].
  - destruct (Nat.ltb_spec a (length m)); [|discriminate].
    apply IHt in E. rewrite E. unfold upd. apply overlay_length. simpl. lia.
  - eauto.
  - eauto.
Qed.

Definition win (s : state) := slice (rl (pr (st s))) (rb (pr (st s))) (mem s).

(** the supervisor body works on the whole machine, through R *)
Fixpoint srun (t : sprog) (s : state) : outcome state cause :=
  match t with
  | SRet => Next s
  | SRd a k => match nth_error (win s) a with Some w => srun (k w) s | None => Trap (mfault a) end
  | SWr a w k =>
      if a <? length (win s)
      then srun k (mkst (upd (rl (pr (st s)) + a) w (mem s)) (regs s) tt (st s))
      else Trap (mfault a)
  | SGet k => srun (k (st s) (regs s)) s
  | SSet p g k => srun k (mkst (mem s) g tt p)
  end.

Lemma srun_len : forall t s s', srun t s = Next s' -> length (mem s') = length (mem s).
Proof.
  induction t; intros s s' E; simpl in E.
  - congruence.
  - destruct (nth_error (win s) a); [eauto|discriminate].
  - destruct (Nat.ltb_spec a (length (win s))); [|discriminate].
    apply IHt in E. rewrite E. simpl. unfold upd. apply overlay_length. simpl.
    unfold win in *. rewrite slice_length in *. lia.
  - eauto.
  - apply IHt in E. auto.
Qed.

Lemma srun_trap : forall t s c, srun t s = Trap c -> exists a, c = mfault a.
Proof.
  induction t; intros s c E; simpl in E.
  - discriminate.
  - destruct (nth_error (win s) a); [eauto|]. injection E; eauto.
  - destruct (a <? length (win s)); [eauto|]. injection E; eauto.
  - eauto.
  - eauto.
Qed.

Definition lift (t : vprog) (s : state) : outcome state cause :=
  match vrun t (win s, pp (st s), regs s) with
  | Next (w, p, g) => Next (mkst (overlay (rl (pr (st s))) w (mem s)) g tt (mkpsw (pm (st s)) p (pr (st s))))
  | Trap c => Trap c
  end.

(** how an instruction is declared *)
Inductive kind :=
| KInno (t : vprog)                          (* same in both modes *)
| KPriv (c : cause) (t : sprog)              (* user mode: trap [c] *)
| KUser (t : sprog) (u : vprog)              (* no trap in user mode, but a different act there *)
| KRaw (t : sprog).                          (* sees M, R in user mode too *)

Definition run_kind (k : kind) (s : state) : outcome state cause :=
  match k with
  | KInno t => lift t s
  | KPriv c t => match pm (st s) with Sup => srun t s | Usr => Trap c end
  | KUser t u => match pm (st s) with Sup => srun t s | Usr => lift u s end
  | KRaw t => srun t s
  end.

Lemma lift_len : forall t s s', lift t s = Next s' -> length (mem s') = length (mem s).
Proof.
  unfold lift; intros t s s' E.
  destruct (vrun t (win s, pp (st s), regs s)) as [[[w p] g]|c] eqn:V; [|discriminate].
  apply vrun_len in V. injection E as <-. simpl. unfold win in V. rewrite slice_length in V.
  destruct (Nat.le_gt_cases (rl (pr (st s))) (length (mem s))).
  - apply overlay_length. lia.
  - assert (length w = 0) by lia. destruct w; [|discriminate]. unfold overlay.
    rewrite firstn_all2, skipn_all2 by (simpl; lia). rewrite app_nil_r. reflexivity.
Qed.

Lemma run_kind_len : forall k s s', run_kind k s = Next s' -> length (mem s') = length (mem s).
Proof.
  intros [t|c t|t u|t] s s'; simpl; try destruct (pm (st s)); intro E; try discriminate;
  eauto using lift_len, srun_len.
Qed.
End Trees.

Arguments VRet {W G PC cause}. Arguments VTrap {W G PC cause}. Arguments VRd {W G PC cause}.
Arguments VWr {W G PC cause}. Arguments VGet {W G PC cause}. Arguments VSet {W G PC cause}.
Arguments SRet {W G PC RR}. Arguments SRd {W G PC RR}. Arguments SWr {W G PC RR}.
Arguments SGet {W G PC RR}. Arguments SSet {W G PC RR}.
Arguments KInno {W G PC RR cause}. Arguments KPriv {W G PC RR cause}.
Arguments KUser {W G PC RR cause}. Arguments KRaw {W G PC RR cause}.
Arguments vrun {W G PC cause}. Arguments srun {W G PC RR cause}.
Arguments lift {W G PC RR cause}. Arguments run_kind {W G PC RR cause}.

(** What the exporter emits. *)
Record small := {
  iW : Type;  iW_dec : forall a b : iW, {a = b} + {a <> b};
  iG : Type;  iG_dec : forall a b : iG, {a = b} + {a <> b};
  iPC : Type; iPC_dec : forall a b : iPC, {a = b} + {a <> b};
  ipcn : iPC -> nat;
  iRR : Type; iRR_dec : forall a b : iRR, {a = b} + {a <> b};
  irl : iRR -> nat; irb : iRR -> nat;
  imaxmem : N; imkR : nat -> nat -> iRR;
  imkR_l : forall l b, (N.of_nat (l + b) <= imaxmem)%N -> irl (imkR l b) = l;
  imkR_b : forall l b, (N.of_nat (l + b) <= imaxmem)%N -> irb (imkR l b) = b;
  icause : Type; icause_dec : forall a b : icause, {a = b} + {a <> b};
  iis_mem : icause -> bool;
  imfault : nat -> icause; imfault_mem : forall a, iis_mem (imfault a) = true;
  iinstr : Type; idecode : iW -> iinstr;
  ikind : iinstr -> kind iW iG iPC iRR icause;
  iK : nat; ienc : icause -> psw iPC iRR -> list iW;
  ienc_len : forall c p, length (ienc c p) = iK;
  idec : list iW -> psw iPC iRR; idec_enc : forall c p, idec (ienc c p) = p
}.

Definition small_arch (I : small) : arch.
  refine {|
    W := iW I; W_dec := iW_dec I; G := iG I; G_dec := iG_dec I; D := unit;
    PC := iPC I; PC_dec := iPC_dec I; pcn := ipcn I; RR := iRR I; RR_dec := iRR_dec I;
    rl := irl I; rb := irb I;
    maxmem := imaxmem I; mkR := imkR I; mkR_l := imkR_l I; mkR_b := imkR_b I;
    cause := icause I; cause_dec := icause_dec I; is_mem := iis_mem I;
    fetch_fault := fun p => imfault I (ipcn I p);
    fetch_mem := fun p => imfault_mem I (ipcn I p);
    instr := iinstr I; decode := idecode I;
    exec := fun i s => run_kind (irl I) (irb I) (imfault I) (ikind I i) s;
    exec_len := fun i s s' H => run_kind_len _ _ _ _ _ _ _ _ (ikind I i) s s' H;
    K := iK I; enc := ienc I; enc_len := ienc_len I;
    old := fun l => pp (idec I l); old_enc := fun c p => f_equal pp (idec_enc I c p);
    dec := idec I; save := ienc I (imfault I 0); save_len := ienc_len I (imfault I 0);
    dec_save := idec_enc I (imfault I 0) |}.
  - decide equality.
Defined.

Section Plug.
Context (I : small).
Let A := small_arch I.

Lemma lift_control : forall (t : vprog (iW I) (iG I) (iPC I) (icause I)) (s s' : stateA A),
  lift (irl I) (irb I) (imfault I) t s = Next s' ->
  pr (st s') = pr (st s) /\ pm (st s') = pm (st s) /\ dev s' = dev s /\ outside_same A s s'.
Proof.
  unfold lift; intros t s s' E.
  match type of E with (match ?x with _ => _ end = _) => destruct x as [[[w p] g]|c] eqn:V end;
    [|discriminate].
  apply vrun_len in V. injection E as <-. simpl.
  split; [reflexivity|]. split; [reflexivity|].
  split; [change (tt = dev s); destruct (dev s); reflexivity|].
  unfold outside_same. unfold stateA, A in *. cbn in *.
  set (l := irl I (pr (st s))) in *. set (b := irb I (pr (st s))) in *.
  unfold win in V. fold l b in V. rewrite slice_length in V.
  destruct (Nat.le_gt_cases l (length (mem s))).
  - split; apply nth_ext_err; intro j.
    + rewrite !nth_error_firstn'. destruct (Nat.ltb_spec j l); auto.
      rewrite nth_overlay by lia. destruct (Nat.ltb_spec j l); [auto|lia].
    + rewrite !nth_error_skipn'. rewrite nth_overlay by lia.
      destruct (Nat.ltb_spec (l + b + j) l); [lia|].
      destruct (Nat.ltb_spec (l + b + j) (l + length w)); [lia|auto].
  - assert (length w = 0) by lia. destruct w; [|discriminate]. unfold overlay.
    rewrite !(firstn_all2 (n := l) (mem s)) by lia.
    rewrite !(skipn_all2 (n := l + length (@nil (iW I))) (mem s)) by (simpl; lia). 
    simpl. rewrite !app_nil_r. rewrite firstn_all2 by lia. auto.
Qed.

Lemma lift_view : forall (t : vprog (iW I) (iG I) (iPC I) (icause I)) (s1 s2 : stateA A),
  same_view A s1 s2 ->
  same_outcome A (lift (irl I) (irb I) (imfault I) t s1) (lift (irl I) (irb I) (imfault I) t s2).
Proof.
  intros t s1 s2 (V1 & V2 & V3). unfold lift. unfold stateA, A in V2, V3, s1, s2. cbn in V2, V3, s1, s2.
  assert (WN : forall s : stateA A, win (iW I) (iG I) (iPC I) (iRR I) (irl I) (irb I) s = window A s)
    by (intro s; symmetry; exact (window_slice A s)).
  rewrite (WN s1), (WN s2).
  rewrite V1, V2, V3.
  match goal with |- context[match ?x with _ => _ end] => destruct x as [[[w p] g]|c] eqn:V end; simpl; auto.
  assert (X : forall s : stateA A, length w = length (window A s) ->
     window A (mkst (overlay (irl I (pr (st s))) w (mem s)) g tt (mkpsw (pm (st s)) p (pr (st s)))) = w).
  { intros s L. rewrite window_slice in L |- *. apply (@slice_overlay_window (iW I)). rewrite L.
    apply (@slice_length (iW I)). }
  apply vrun_len in V.
  unfold same_view. split; [|simpl; auto].
  assert (X1 := X s1 (eq_trans V (eq_sym (f_equal (@length _) V1)))).
  assert (X2 := X s2 V). exact (eq_trans X1 (eq_sym X2)).
Qed.

Theorem inno_innocuous : forall i t, ikind I i = KInno t -> innocuous A i.
Proof.
  intros i t E [(s & s' & X & C)|(s1 & s2 & V & D)].
  - simpl in X. rewrite E in X. simpl in X. apply lift_control in X. 
    unfold control_change in C. tauto.
  - apply D. simpl. rewrite E. simpl. apply lift_view; auto.
Qed.

Theorem priv_privileged : forall i c t, ikind I i = KPriv c t -> privileged A i.
Proof.
  intros i c t E. split.
  - intros s U. unfold stateA, A in s, U. cbn in s, U. exists c. simpl. rewrite E. simpl. rewrite U. auto.
  - intros s c' S X. unfold stateA, A in s, S. cbn in s, S. simpl in X. rewrite E in X. simpl in X. rewrite S in X.
    apply srun_trap in X. destruct X as (a & ->). apply imfault_mem.
Qed.

Theorem user_not_user_sensitive : forall i t u, ikind I i = KUser t u -> ~ user_sensitive A i.
Proof.
  intros i t u E [(s & s' & U & X & C)|(s1 & s2 & U1 & U2 & V & D)].
  - unfold stateA, A in s, s', U. cbn in s, s', U. simpl in X. rewrite E in X. simpl in X. rewrite U in X.
    apply lift_control in X. unfold control_change in C. tauto.
  - apply D. unfold stateA, A in s1, s2, U1, U2. cbn in s1, s2, U1, U2. simpl. rewrite E. simpl. rewrite U1, U2. apply lift_view; auto.
Qed.

(** the two checks *)
Definition check1 (i : iinstr I) : bool :=
  match ikind I i with KInno _ | KPriv _ _ => true | _ => false end.
Definition check3 (i : iinstr I) : bool :=
  match ikind I i with KInno _ | KPriv _ _ | KUser _ _ => true | _ => false end.

Theorem check1_sound : (forall i, check1 i = true) -> forall i, sensitive A i -> privileged A i.
Proof.
  intros H i S. specialize (H i). unfold check1 in H. destruct (ikind I i) eqn:E; try discriminate.
  - exfalso. eapply inno_innocuous; eauto.
  - eapply priv_privileged; eauto.
Qed.

Theorem check3_sound : (forall i, check3 i = true) -> forall i, user_sensitive A i -> privileged A i.
Proof.
  intros H i S. specialize (H i). unfold check3 in H. destruct (ikind I i) eqn:E; try discriminate.
  - exfalso. eapply inno_innocuous; eauto. apply user_sensitive_sensitive; auto.
  - eapply priv_privileged; eauto.
  - exfalso. eapply user_not_user_sensitive; eauto.
Qed.
End Plug.
