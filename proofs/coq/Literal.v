(** The definitions to the letter, and small machines on which they are wrong.

    The letter is that of a translation of the paper that keeps its formulae, and of quotations; they
    agree (doc/proofs.md, "The paper's words").  "e | r" is E[l] to E[l+b-1], so both relocated blocks
    lie within storage; behaviour is compared where the instruction leaves M and R as they are.

    1. Too strong: a machine with a supervisor call fails the literal condition.
    2. Too weak: "memory traps" excuse an instruction that depends on where it is, or one that seizes
       the machine; storage's size shows; a write past the bounds is in no class. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification VMMap Monitor Kinds Toy.

Section Literal.
Context (A : arch).
Notation state := (stateA A).

(** instruction as a total function on states; a trap is recognised by its effect *)
Definition istep (i : instr A) (s : state) : state :=
  match exec A i s with Next s' => s' | Trap c => do_trap A c s end.
Definition lit_memtraps i s := exists c, exec A i s = Trap c /\ is_mem A c = true.
Definition lit_traps i s := exists c, istep i s = do_trap A c s.

Definition lit_privileged (i : instr A) : Prop :=
  forall s1 s2, mem s1 = mem s2 -> regs s1 = regs s2 -> pp (st s1) = pp (st s2) ->
    pr (st s1) = pr (st s2) -> pm (st s1) = Sup -> pm (st s2) = Usr ->
    ~ lit_memtraps i s1 -> ~ lit_memtraps i s2 -> lit_traps i s2 /\ ~ lit_traps i s1.

Definition lit_control_sensitive (i : instr A) : Prop :=
  exists s, ~ lit_memtraps i s /\
    (pr (st (istep i s)) <> pr (st s) \/ pm (st (istep i s)) <> pm (st s)).

(** S1 = <e|r, m1, p, r>, S2 = <e|r(+)x, m2, p, r(+)x> in one machine (same q), results keep m, r *)
Definition lit_behaviour_sensitive (i : instr A) : Prop :=
  exists s1 s2, length (mem s1) = length (mem s2) /\
    rb A (pr (st s1)) = rb A (pr (st s2)) /\
    rl A (pr (st s1)) + rb A (pr (st s1)) <= length (mem s1) /\
    rl A (pr (st s2)) + rb A (pr (st s2)) <= length (mem s2) /\
    same_view A s1 s2 /\
    ~ lit_memtraps i s1 /\ ~ lit_memtraps i s2 /\
    pm (st (istep i s1)) = pm (st s1) /\ pr (st (istep i s1)) = pr (st s1) /\
    pm (st (istep i s2)) = pm (st s2) /\ pr (st (istep i s2)) = pr (st s2) /\
    ~ same_view A (istep i s1) (istep i s2).

Definition lit_sensitive i := lit_control_sensitive i \/ lit_behaviour_sensitive i.
Definition lit_condition := forall i, lit_sensitive i -> lit_privileged i.
End Literal.

(** 1. Too strong: any machine with a supervisor call (or an illegal-instruction trap) fails the literal
    condition, because the trap itself changes M and R. *)
Theorem literal_rejects_SVC : lit_control_sensitive M0 SVC /\ ~ lit_privileged M0 SVC.
Proof.
  set (E := (repeat 0 12 ++ repeat 1 8)%N).
  split.
  - exists (s0 Usr E). split.
    + intros (c & X & Y). vm_compute in X. injection X as <-. discriminate.
    + right. vm_compute. discriminate.
  - intro H. destruct (H (s0 Sup E) (s0 Usr E)) as (_ & N); try reflexivity.
    + intros (c & X & Y). vm_compute in X. injection X as <-. discriminate.
    + intros (c & X & Y). vm_compute in X. injection X as <-. discriminate.
    + apply N. exists CSvc. reflexivity.
Qed.
Corollary literal_condition_fails_M0 : ~ lit_condition M0.
Proof.
  intro H. destruct literal_rejects_SVC as (S & N). apply N, H. left; exact S.
Qed.

(** 2. Too weak: machines with a single instruction, all meeting the literal condition. *)
Definition st1 := state N N unit N TRR.
Definition l1 (s : st1) := N.to_nat (fst (pr (st s))).
Definition b1 (s : st1) := N.to_nat (snd (pr (st s))).
Definition adv (s : st1) (m : list N) (g : N) : st1 := mkst m g tt (mkpsw (pm (st s)) (pp (st s) + 1)%N (pr (st s))).

Definition one (f : st1 -> outcome st1 tcause)
  (fl : forall s s', f s = Next s' -> length (mem s') = length (mem s)) : arch.
  refine {| W := N; W_dec := N.eq_dec; G := N; G_dec := N.eq_dec; D := unit;
     PC := N; PC_dec := N.eq_dec; pcn := N.to_nat; RR := TRR; RR_dec := iRR_dec (toy 0);
     rl := fun r => N.to_nat (fst r);
     rb := fun r => N.to_nat (snd r);
     maxmem := 1000; mkR := fun l b => (N.of_nat l, N.of_nat b);
     mkR_l := imkR_l (toy 0); mkR_b := imkR_b (toy 0);
     cause := tcause; cause_dec := tcause_dec; is_mem := iis_mem (toy 0);
     fetch_fault := fun p => CMem (N.to_nat p); fetch_mem := fun _ => eq_refl;
     instr := unit; decode := fun _ => tt; exec := fun _ s => f s; exec_len := fun _ s s' H => fl s s' H;
     K := 6; enc := tenc; enc_len := ienc_len (toy 0);
     old := fun l => pp (tdec l); old_enc := fun c p => f_equal pp (idec_enc (toy 0) c p);
     dec := tdec; save := tenc CPriv; save_len := ienc_len (toy 0) CPriv;
     dec_save := idec_enc (toy 0) CPriv |}.
  decide equality.
Defined.

Definition lay (f : _) fl (bs : nat) (H : 24 <= bs /\ bs <= 100) : cfg (one f fl).
  refine {| q := bs + 20; base := bs; size := 16; da := 12; dn := 6; sh := 12; cb := 18; image := ([] : list (Machine.W (one f fl)));
    entry := (mkpsw Sup 18%N (0%N, 80%N) : psw (PC (one f fl)) (RR (one f fl))) |};
  try solve [abstract (cbn; lia) | reflexivity].
Defined.

Lemma start f fl bs H v : length (mem v) = 16 ->
  exists r, runs (one f fl) (lay f fl bs H) v r /\
   r = load (one f fl) (lay f fl bs H) v
        (mkst ([0;0;0;0;0;0;0;0;0;18;0;80]%N ++ repeat 0%N (bs + 8)) 0%N tt (mkpsw Sup 0%N (0%N,0%N))).
Proof.
  intro L. eexists. split; [|reflexivity]. apply load_runs; auto. split; [|split].
  - simpl. rewrite repeat_length. lia.
  - reflexivity.
  - reflexivity.
Qed.

(** 2a. "i(S) memory traps" is an excuse: an instruction that memory-traps depending on R's l. *)
Definition f_odd (s : st1) : outcome st1 tcause :=
  if N.odd (fst (pr (st s))) then Trap (CMem 0) else Next (adv s (mem s) (regs s)).
Lemma f_odd_len : forall s s', f_odd s = Next s' -> length (mem s') = length (mem s).
Proof. unfold f_odd; intros s s'. destruct (N.odd _); [discriminate|]. intro E; injection E as <-; auto. Qed.
Definition Modd := one f_odd f_odd_len.

Lemma istep_odd : forall s : stateA Modd, ~ lit_memtraps Modd tt s -> istep Modd tt s = adv s (mem s) (regs s).
Proof.
  intros s H. unfold lit_memtraps, istep in *. simpl in *. unfold f_odd in *.
  destruct (N.odd _); auto. exfalso; apply H. eexists; split; reflexivity.
Qed.
Theorem odd_literal : forall i, ~ lit_sensitive Modd i.
Proof.
  intros [] [(s & N & D)|(s1 & s2 & _ & _ & _ & _ & (V1 & V2 & V3) & N1 & N2 & _ & _ & _ & _ & D)].
  - rewrite (istep_odd s N) in D. simpl in D. destruct D; auto.
  - rewrite (istep_odd _ N1), (istep_odd _ N2) in D. apply D. split; [exact V1|].
    split; [|exact V3]. simpl in *. congruence.
Qed.
Lemma h25 : 24 <= 25 /\ 25 <= 100. Proof. lia. Qed.
Theorem odd_breaks : exists v r r', runs Modd (lay _ _ 25 h25) v r /\
  result Modd v = Trap (CMem 0) /\ result Modd r = Next r'.
Proof.
  set (v := mkst (repeat 0%N 16) 0%N tt (mkpsw Sup 0%N (1%N, 8%N)) : stateA Modd).
  destruct (start f_odd f_odd_len 25 h25 v eq_refl) as (r & R & E).
  exists v, r. eexists. split; [exact R|]. split; [reflexivity|]. rewrite E. vm_compute. reflexivity.
Qed.

(** 2b. The same excuse in "privileged": memory-trap always in supervisor mode, seize the machine in user mode. *)
Definition f_seize (s : st1) : outcome st1 tcause :=
  match pm (st s) with
  | Sup => Trap (CMem 0)
  | Usr => Next (mkst (mem s) (regs s) tt (mkpsw Sup (pp (st s)) (0%N, 1000%N)))
  end.
Lemma f_seize_len : forall s s', f_seize s = Next s' -> length (mem s') = length (mem s).
Proof. unfold f_seize; intros s s'. destruct (pm _); [discriminate|]. intro E; injection E as <-; auto. Qed.
Definition Mseize := one f_seize f_seize_len.
Theorem seize_literal : forall i, lit_privileged Mseize i.
Proof.
  intros [] s1 s2 _ _ _ _ M1 _ N1. exfalso. apply N1. exists (CMem 0).
  split; [|reflexivity]. change (f_seize s1 = Trap (CMem 0)). unfold f_seize.
  rewrite (M1 : @pm N TRR (@st N N unit N TRR s1) = Sup). reflexivity.
Qed.
Theorem seize_breaks : exists v r r', runs Mseize (lay _ _ 25 h25) v r /\
  result Mseize r = Next r' /\ pm (st r') = Sup /\ pr (st r') = (0, 1000)%N.
Proof.
  set (v := mkst (repeat 0%N 16) 0%N tt (mkpsw Usr 0%N (0%N, 16%N)) : stateA Mseize).
  destruct (start f_seize f_seize_len 25 h25 v eq_refl) as (r & R & E).
  exists v, r. eexists. split; [exact R|]. rewrite E. split; vm_compute; auto.
Qed.

(** 2c. Storage size is visible: no relocation x, no change of M reveals it. *)
Definition f_q (s : st1) : outcome st1 tcause := Next (adv s (mem s) (N.of_nat (length (mem s)))).
Lemma f_q_len : forall s s', f_q s = Next s' -> length (mem s') = length (mem s).
Proof. unfold f_q; intros s s' E; injection E as <-; auto. Qed.
Definition Mq := one f_q f_q_len.
Theorem q_literal : forall i, ~ lit_sensitive Mq i.
Proof.
  intros [] [(s & N & D)|(s1 & s2 & L & _ & _ & _ & (V1 & V2 & V3) & N1 & N2 & _ & _ & _ & _ & D)].
  - simpl in D. destruct D; auto.
  - apply D. split; [exact V1|]. simpl in *. split; congruence.
Qed.
Theorem q_breaks : exists v r v' r', runs Mq (lay _ _ 25 h25) v r /\
  result Mq v = Next v' /\ result Mq r = Next r' /\ regs v' <> regs r'.
Proof.
  set (v := mkst (repeat 0%N 16) 0%N tt (mkpsw Usr 0%N (0%N, 16%N)) : stateA Mq).
  destruct (start f_q f_q_len 25 h25 v eq_refl) as (r & R & E).
  exists v, r. do 2 eexists. split; [exact R|]. split; [reflexivity|]. split; [rewrite E; vm_compute; reflexivity|].
  vm_compute. discriminate.
Qed.

(** 2d. A write just past the window (the paper relies on R guarding every access; nothing in
    "sensitive" mentions it). *)
Definition f_past (s : st1) : outcome st1 tcause :=
  if l1 s + b1 s <? length (mem s) then Next (adv s (overlay (l1 s + b1 s) [1%N] (mem s)) (regs s))
  else Next (adv s (mem s) (regs s)).
Lemma f_past_len : forall s s', f_past s = Next s' -> length (mem s') = length (mem s).
Proof.
  unfold f_past; intros s s'. destruct (Nat.ltb_spec (l1 s + b1 s) (length (mem s)));
  intro E; injection E as <-; auto. simpl. apply overlay_length. simpl. lia.
Qed.
Definition Mpast := one f_past f_past_len.
Lemma f_past_adv : forall s : st1, exists m', f_past s = Next (adv s m' (regs s)) /\
  slice (l1 s) (b1 s) m' = slice (l1 s) (b1 s) (mem s).
Proof.
  intro s. unfold f_past. destruct (Nat.ltb_spec (l1 s + b1 s) (length (mem s))); eexists; split; eauto.
  apply slice_overlay_disj; simpl; lia.
Qed.
Lemma past_window : forall s : stateA Mpast,
  window Mpast (istep Mpast tt s) = window Mpast s /\ regs (istep Mpast tt s) = regs s /\
  pp (st (istep Mpast tt s)) = (pp (st s) + 1)%N /\ pm (st (istep Mpast tt s)) = pm (st s) /\
  pr (st (istep Mpast tt s)) = pr (st s).
Proof.
  intro s. destruct (f_past_adv s) as (m' & E & S). unfold istep.
  change (exec Mpast tt s) with (f_past s). rewrite E. repeat split; auto.
Qed.
Theorem past_literal : forall i, ~ lit_sensitive Mpast i.
Proof.
  intros [] [(s & N & D)|(s1 & s2 & L & _ & _ & _ & (V1 & V2 & V3) & N1 & N2 & _ & _ & _ & _ & D)].
  - destruct (past_window s) as (a & b & d & e & g). destruct D; auto.
  - destruct (past_window s1) as (a & b & d & e & g). destruct (past_window s2) as (a' & b' & d' & e' & g').
    apply D. split; [congruence|]. split; [|congruence]. rewrite d, d'. f_equal. exact V2.
Qed.
Theorem past_breaks : exists v r r', runs Mpast (lay _ _ 25 h25) v r /\
  result Mpast r = Next r' /\ nth_error (mem r) 41 <> nth_error (mem r') 41.
Proof.  (* VM storage is [25, 41) *)
  set (v := mkst (repeat 0%N 16) 0%N tt (mkpsw Usr 0%N (0%N, 16%N)) : stateA Mpast).
  destruct (start f_past f_past_len 25 h25 v eq_refl) as (r & R & E).
  exists v, r. eexists. split; [exact R|]. rewrite E. split; [vm_compute; reflexivity|].
  vm_compute. discriminate.
Qed.
