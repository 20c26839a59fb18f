(** Three small machines.  M0 is virtualizable; MJ is M0 with the PDP-10's JRST 1; MS is M0 with an
    instruction that stores the mode. *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification Kinds.

Inductive tcause := CMem (a : nat) | CPriv | CSvc | CIll.
Definition tcause_dec : forall a b : tcause, {a = b} + {a <> b}.
Proof. decide equality. apply Nat.eq_dec. Defined.

Inductive tinstr := ILL | SVC | LD (a : nat) | ST (a : nat) | ADD (a : nat) | JMP (a : nat) | JZ (a : nat)
  | LPSW (a : nat) | RDR | JRST1 (a : nat) | SMSW.

Definition tdecode (ext : nat) (w : N) : tinstr :=
  let a := N.to_nat (w / 16) in
  match (w mod 16)%N with
  | 1%N => SVC | 2%N => LD a | 3%N => ST a | 4%N => ADD a | 5%N => JMP a | 6%N => JZ a
  | 7%N => LPSW a | 8%N => RDR
  | 9%N => if ext =? 1 then JRST1 a else ILL
  | 10%N => if ext =? 2 then SMSW else ILL
  | _ => ILL
  end.

Definition TRR := (N * N)%type.
Definition TPSW := psw N TRR.
Definition tdec (l : list N) : TPSW :=
  match l with
  | [_; _; m; p; lo; bo] => mkpsw (if (m =? 0)%N then Sup else Usr) p (lo, bo)
  | _ => mkpsw Sup 0%N (0%N, 0%N)
  end.
Definition tenc (c : tcause) (p : TPSW) : list N :=
  [ match c with CMem _ => 0 | CPriv => 1 | CSvc => 2 | CIll => 3 end;
    match c with CMem a => N.of_nat a | _ => 0 end;
    match pm p with Sup => 0 | Usr => 1 end; pp p; fst (pr p); snd (pr p) ]%N.

Notation V := (vprog N N N tcause).
Notation SP := (sprog N N N TRR).
Definition vnext : V := VGet (fun p g => VSet (p + 1)%N g VRet).
Definition psw_of (a : nat) (k : TPSW -> SP) : SP :=
  SRd a (fun m => SRd (a+1) (fun p => SRd (a+2) (fun l => SRd (a+3) (fun b =>
    k (mkpsw (if (m =? 0)%N then Sup else Usr) p (l, b)))))).

Definition tkind (i : tinstr) : kind N N N TRR tcause :=
  match i with
  | ILL => KInno (VTrap CIll)
  | SVC => KInno (VTrap CSvc)
  | LD a => KInno (VRd a (fun w => VGet (fun p g => VSet (p + 1)%N w VRet)))
  | ST a => KInno (VGet (fun p g => VWr a g vnext))
  | ADD a => KInno (VRd a (fun w => VGet (fun p g => VSet (p + 1)%N (g + w)%N VRet)))
  | JMP a => KInno (VGet (fun p g => VSet (N.of_nat a) g VRet))
  | JZ a => KInno (VGet (fun p g => VSet (if (g =? 0)%N then N.of_nat a else p + 1)%N g VRet))
  | LPSW a => KPriv CPriv (psw_of a (fun p => SGet (fun _ g => SSet p g SRet)))
  | RDR => KPriv CPriv (SGet (fun p g => SSet (mkpsw (pm p) (pp p + 1)%N (pr p)) (fst (pr p)) SRet))
  | JRST1 a => KUser (SGet (fun p g => SSet (mkpsw Usr (N.of_nat a) (pr p)) g SRet))
                     (VGet (fun p g => VSet (N.of_nat a) g VRet))
  | SMSW => KRaw (SGet (fun p g => SSet (mkpsw (pm p) (pp p + 1)%N (pr p))
                                        (match pm p with Sup => 0 | Usr => 1 end)%N SRet))
  end.

(* instruction sets as the decoder can produce them: instr := the decodable ones *)
Definition tin (ext : nat) (i : tinstr) : bool :=
  match i with JRST1 _ => ext =? 1 | SMSW => ext =? 2 | _ => true end.
Definition tkind' (ext : nat) (i : tinstr) := if tin ext i then tkind i else KInno (VTrap CIll).

Definition toy (ext : nat) : small.
  refine {| iW := N; iW_dec := N.eq_dec; iG := N; iG_dec := N.eq_dec; iPC := N; iPC_dec := N.eq_dec;
    ipcn := N.to_nat; iRR := TRR; irl := fun r => N.to_nat (fst r); irb := fun r => N.to_nat (snd r);
    imaxmem := 1000; imkR := fun l b => (N.of_nat l, N.of_nat b);
    icause := tcause; icause_dec := tcause_dec;
    iis_mem := fun c => match c with CMem _ => true | _ => false end; imfault := CMem;
    iinstr := tinstr; idecode := tdecode ext; ikind := tkind' ext;
    iK := 6; ienc := tenc; idec := tdec |}.
  - decide equality; apply N.eq_dec.
  - intros; simpl; apply Nnat.Nat2N.id.
  - intros; simpl; apply Nnat.Nat2N.id.
  - reflexivity.
  - reflexivity.
  - intros c [[|] p [l b]]; reflexivity.
Defined.

Definition M0 := small_arch (toy 0).
Definition MJ := small_arch (toy 1).
Definition MS := small_arch (toy 2).

Theorem M0_virtualizable : forall i, sensitive M0 i -> privileged M0 i.
Proof. apply check1_sound. destruct i; reflexivity. Qed.

Theorem MJ_hybrid : forall i, user_sensitive MJ i -> privileged MJ i.
Proof. apply check3_sound. destruct i; reflexivity. Qed.

(** the classes are inhabited: nothing here is vacuous *)
Definition s0 (m : mode) (E : list N) : stateA M0 := mkst E 7%N tt (mkpsw m 0%N (0%N, 20%N)).

Theorem LPSW_control_sensitive : control_sensitive M0 (LPSW 12).
Proof.
  exists (s0 Sup (repeat 1%N 20)). eexists. split; [vm_compute; reflexivity|].
  right. left. vm_compute. discriminate.
Qed.
Theorem RDR_location_sensitive : location_sensitive M0 RDR.
Proof.
  exists (mkst (repeat 5%N 10) 0%N tt (mkpsw Sup 0%N (0%N, 4%N))),
         (mkst (repeat 5%N 10) 0%N tt (mkpsw Sup 0%N (2%N, 4%N))).
  split; [split; [reflexivity|split; reflexivity]|]. split; [reflexivity|].
  intros (_ & _ & H). vm_compute in H. discriminate.
Qed.
Theorem LD_innocuous : forall a, innocuous M0 (LD a).
Proof. intros. eapply (inno_innocuous (toy 0)). reflexivity. Qed.
Theorem SVC_innocuous_unprivileged : innocuous M0 SVC /\ ~ privileged M0 SVC.
Proof.
  split; [eapply (inno_innocuous (toy 0)); reflexivity|].
  intros (_ & H). specialize (H (s0 Sup []) CSvc eq_refl eq_refl). discriminate.
Qed.

(** JRST 1: sensitive, not privileged, not user sensitive *)
Theorem JRST1_sensitive : forall a, sensitive MJ (JRST1 a) /\ ~ privileged MJ (JRST1 a) /\
  ~ user_sensitive MJ (JRST1 a).
Proof.
  intro a. split; [|split].
  - left. exists (s0 Sup []). eexists. split; [reflexivity|]. right; left. discriminate.
  - intros (H & _). destruct (H (s0 Usr []) eq_refl) as (c & E). discriminate.
  - eapply (user_not_user_sensitive (toy 1)). reflexivity.
Qed.
(** SMSW: user sensitive?  A read of M alone is not (both states are user states) ... *)
Theorem SMSW_sensitive : behaviour_sensitive MS SMSW /\ ~ privileged MS SMSW.
Proof.
  split.
  - exists (mkst [] 0%N tt (mkpsw Sup 0%N (0%N, 0%N))), (mkst [] 0%N tt (mkpsw Usr 0%N (0%N, 0%N))).
    split; [split; [reflexivity|split; reflexivity]|]. intros (_ & _ & H). vm_compute in H. discriminate.
  - intros (H & _). destruct (H (s0 Usr []) eq_refl) as (c & E). discriminate.
Qed.


(** An instruction's word. *)
Definition op (o a : N) : N := (o + 16 * a)%N.
