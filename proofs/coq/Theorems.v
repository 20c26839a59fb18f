(** The theorems, stated, and applied from where they are proved.

    A reader who knows the paper can check the statements here against it: the words in quotes are
    the paper's statements as they are commonly cited (doc/proofs.md says with what they were compared).
    [Print Assumptions] of each says: closed under the global context.

    The words of the statements, and where they are defined:

    A                       a conventional third generation computer: [arch] of Machine.v
    [stateA A]              its states S = <E, M, P, R>: [mem]; [st], the PSW of [pm], [pp] and [pr]; and
                            general registers [regs] and devices [dev], which the paper leaves out
    [rl], [rb]              of R = (l, b), l and b
    [exec A i s]            the instruction i in s: [Next s'], or [Trap c], the trap's cause
    [step A]                the instruction at P, or its trap: E[0] := PSW, PSW := E[1], of K words each
    [iter A n f s]          f, n times
    [sensitive], [user_sensitive], [privileged], [innocuous]    Classification.v
    [cfg A]                 where a virtual machine lies in the real one's storage, [base] and [size], and
                            where the control program's text and data do, [da] and [dn]: VMMap.v
    [runs A c v r]          r = f(v): the real machine r is about to run the virtual machine v.  Its M is
                            user, P is v's, R is v's with [base] added and cut off at [size]; v's storage
                            is the block, v's M and R are in the control program's data
    [monitor A c]           the control program: what it makes of the state that a trap has left
    [hosted A mon]          the real machine with a control program: hardware in user mode, the control
                            program in supervisor mode, which the trap's new PSW sets
    [correct_monitor A c mon]    after every trap mon comes to f of the virtual machine's next state, and
                            has touched only that machine's block and its own data: Monitor.v
    [resources_kept A c r r']    r' differs from r in that block and those data only, of storage
    [vmm_exists A base size]     some monitor, whatever it keeps for itself, that runs unprivileged
                            instructions directly: Exists.v; [hvmm_exists] a hybrid one: Impossibility.v *)
From Coq Require Import List Arith NArith Lia Bool.
Import ListNotations.
From Trapeze Require Import Slices Machine Classification VMMap Monitor Dispatcher.
From Trapeze Require Import Theorem1 Always Theorem2 Theorem3 Exists Converse Resident Sharing.
From Trapeze Require Import Kinds Toy Literal ControlProgram Towers Impossibility PerIsa Processor.
From Trapeze Require Tree IntervalTimer.

(** Theorem 1.  "For any conventional third generation computer, a virtual machine monitor may be
    constructed if the set of sensitive instructions for that computer is a subset of the set of
    privileged instructions."

    Equivalence: the paper's "one-one homomorphism" f, f(e(S)) = e'(f(S)) for every sequence e of
    instructions and some e'.  Here, for ever and for programs that do not halt, too: k steps of the
    virtual machine are n steps of the hosted one, at most twice as many where the control program's
    work counts as one, and f holds again; and nothing but the virtual machine's storage and the
    monitor's data has changed. *)
Theorem Theorem_1 : forall A, (forall i, sensitive A i -> privileged A i) ->
  forall c : cfg A, correct_monitor A c (monitor A c) /\
  forall k v r, runs A c v r -> exists n, k <= n <= 2 * k /\
    runs A c (iter A k (step A) v) (iter A n (hosted A (monitor A c)) r) /\
    resources_kept A c r (iter A n (hosted A (monitor A c)) r).
Proof. exact theorem1_of. Qed.

(** The same of a monitor as one predicate ("a monitor exists"), wherever the virtual machine lies. *)
Theorem Theorem_1_a_monitor_exists : forall A base size,
  3 * K A <= base -> (N.of_nat (base + size) <= maxmem A)%N -> 2 * K A <= size -> W A -> PC A ->
  (forall i, sensitive A i -> privileged A i) -> vmm_exists A base size.
Proof. exact theorem1_vmm_exists. Qed.

(** "The efficiency property: all innocuous instructions are executed by the hardware directly, with no
    intervention at all on the part of the control program."

    [fetch] is the instruction at P: the virtual machine's step is one step of the real machine, in
    user mode, the same instruction. *)
Theorem Efficiency : forall A c, (forall i, sensitive A i -> privileged A i) ->
  forall v r i v', runs A c v r -> fetch A v = Some i -> innocuous A i -> exec A i v = Next v' ->
  runs A c v' (step A r) /\ exec A i r = Next (step A r) /\ pm (st (step A r)) = Usr.
Proof. intros A c _. apply theorem1_efficiency. Qed.

(** "The resource control property: it must be impossible for that arbitrary program to affect the
    system resources": at every instant t, whatever is neither the virtual machine's storage nor the
    monitor's data is as it was; another virtual machine's storage, for one. *)
Theorem Resource_control : forall A c, (forall i, sensitive A i -> privileged A i) ->
  forall mon, correct_monitor A c mon -> forall v r, runs A c v r -> forall o n, K A <= o ->
  (o + n <= da A c \/ da A c + dn A c <= o) -> (o + n <= base A c \/ base A c + size A c <= o) ->
  forall t, slice o n (mem (iter A t (hosted A mon) r)) = slice o n (mem r).
Proof. exact isolation. Qed.

(** While the virtual machine runs, the real one is in user mode and R gives it nothing else. *)
Theorem Confinement : forall A c, (forall i, sensitive A i -> privileged A i) ->
  forall v r, runs A c v r -> pm (st r) = Usr /\ base A c <= rl A (pr (st r)) /\
  rl A (pr (st r)) + rb A (pr (st r)) <= base A c + size A c.
Proof. intros A c _. apply theorem1_confined. Qed.

(** f is "one-one". *)
Theorem The_map_is_one_one : forall A c v v' r, runs A c v r -> runs A c v' r -> v = v'.
Proof. exact @runs_inj. Qed.

(** The monitor in the paper's form, "CP = <D, A, {v_i}>", is a control program: [dmonitor], of a
    dispatcher, which reads the cause from what the trap has stored ([decc]) and asks whether the
    instruction is privileged ([privb]), an allocator, and an interpreter for each privileged
    instruction.  The last hypothesis is not in the paper, whose traps have no causes: in user mode
    the cause of a privileged instruction's trap depends only on what the program sees. *)
Theorem Dispatcher_allocator_interpreters : forall A c (decc : list (W A) -> cause A),
  (forall k p, decc (enc A k p) = k) ->
  forall privb, (forall i, privb i = true <-> privileged A i) ->
  (forall i, sensitive A i -> privileged A i) ->
  (forall i s1 s2 c1 c2, privileged A i -> pm (st s1) = Usr -> pm (st s2) = Usr ->
     same_view A s1 s2 -> exec A i s1 = Trap c1 -> exec A i s2 = Trap c2 -> c1 = c2) ->
  correct_monitor A c (dmonitor A c decc privb).
Proof. exact dmonitor_correct. Qed.

(** What may run directly under a hosted monitor: by Theorem 1's condition, in either virtual mode; by
    Theorem 3's, in virtual user mode.  What follows holds of both, where it says [runs_alike]. *)
Theorem Runs_directly : forall A,
  ((forall i, sensitive A i -> privileged A i) -> runs_alike A in_any_mode) /\
  ((forall i, user_sensitive A i -> privileged A i) -> runs_alike A in_user_mode).
Proof. intro A. split; [apply virtualizable_alike|apply hybrid_alike]. Qed.

(** Beyond the paper.  The hosted monitor, resident outside the machine's storage, and a machine with
    time ([clock], [timed_step]: Resident.v): an interval
    timer, interrupts, waiting, the halt.  [held A c v h r] is f: r runs v, h being what the monitor
    keeps of it.  After n turns the virtual machine is where the bare one is after k steps, n or more,
    what time brings included; and nothing outside its block changes, ever ([outside_kept]).

    [pass] is a unit of time; [horizon] says how many instructions the monitor lets the hardware
    execute at once: no more than surely bring nothing ([raises_nothing]).  The real clock runs, too;
    what f puts into the real registers, it must leave alone. *)
Theorem Hosted_monitor : forall A c (T : clock A) direct, runs_alike A direct ->
  (forall R d, fst (fst (pass A T Usr (comp A c R) d)) = comp A c R) ->
  forall horizon, (forall h, raises_nothing A T (horizon h) h) ->
  forall n v h r, held A c v h r ->
  forall k h' r', turns_taken A c T direct horizon n h r = (k, (h', r')) ->
  n <= k /\ held A c (iter A k (timed_step A T) v) h' r' /\ outside_kept A c r r'.
Proof. exact resident_equivalence. Qed.

(** Any virtual machine that its block has room for can be taken on; a horizon can be found by looking
    ahead; and where time brings nothing, the machine is the paper's. *)
Theorem Hosted_monitor_begins : forall A c v r, length (mem r) = q A c -> length (mem v) = size A c ->
  held A c v (fst (resume A c v r)) (snd (resume A c v r)) /\
  outside_kept A c r (snd (resume A c v r)).
Proof. exact resume_held. Qed.
Theorem A_horizon : forall A (T : clock A) limit h, raises_nothing A T (looked_ahead A T limit h) h.
Proof. exact looked_ahead_calm. Qed.
Theorem Without_time : forall A s, timed_step A (no_clock A) s = step A s.
Proof. exact no_clock_step. Qed.

(** Of a description whose `tick` is an interval timer's, many units of time at once: as many as its
    `horizon` says raise nothing, and its `skip` does to R what they do, one after the other. *)
Theorem Many_units_of_time : forall (I : Tree.isa) (V : Tree.world) enabled timer w trap,
  Tree.tick I = IntervalTimer.interval_tick enabled timer w trap ->
  nthN (Tree.control I) enabled = Some 1%N -> nthN (Tree.control I) timer = Some w ->
  enabled <> timer -> forall n m R d,
  (N.of_nat n <= IntervalTimer.horizon_of I V enabled timer w m R d)%N ->
  IntervalTimer.silent I V n m R d /\
  IntervalTimer.ticks I V n m R d = IntervalTimer.skipped I V enabled timer w (N.of_nat n) m R d.
Proof. exact IntervalTimer.horizon_and_skip. Qed.

(** Several virtual machines, each with a block of its own, given the processor in any order, for any
    quanta: each goes on as on a machine of its own, with a step at least for each turn ... *)
Theorem Sharing_equivalence : forall A vm (dec : forall i j : vm, {i = j} + {i <> j}) (c : vm -> cfg A)
  (T : clock A) direct, runs_alike A direct ->
  (forall i R d, fst (fst (pass A T Usr (comp A (c i) R) d)) = comp A (c i) R) ->
  forall horizon, (forall (i : vm) h, raises_nothing A T (horizon i h) h) ->
  (forall i j, i <> j -> base A (c i) + size A (c i) <= base A (c j) \/
                         base A (c j) + size A (c j) <= base A (c i)) ->
  forall l v s i, all_held A vm c v s ->
  turns vm dec i l <= steps A vm dec c T direct horizon i l s /\
  held A (c i) (iter A (steps A vm dec c T direct horizon i l s) (timed_step A T) (v i))
       (kept_private A (snd (schedule A vm dec c T direct horizon l s) i))
       (given A vm i (schedule A vm dec c T direct horizon l s)).
Proof. exact sharing. Qed.

(** ... and cannot tell what the others are, what they do, or when it was interrupted. *)
Theorem Sharing_isolation : forall A vm (dec : forall i j : vm, {i = j} + {i <> j}) (c : vm -> cfg A)
  (T : clock A) direct, runs_alike A direct ->
  (forall i R d, fst (fst (pass A T Usr (comp A (c i) R) d)) = comp A (c i) R) ->
  forall horizon, (forall (i : vm) h, raises_nothing A T (horizon i h) h) ->
  (forall i j, i <> j -> base A (c i) + size A (c i) <= base A (c j) \/
                         base A (c j) + size A (c j) <= base A (c i)) ->
  forall l l' v v' s s' i, all_held A vm c v s -> all_held A vm c v' s' -> v i = v' i ->
  steps A vm dec c T direct horizon i l s = steps A vm dec c T direct horizon i l' s' ->
  virtual A (c i) (kept_private A (snd (schedule A vm dec c T direct horizon l s) i))
                  (given A vm i (schedule A vm dec c T direct horizon l s)) =
  virtual A (c i) (kept_private A (snd (schedule A vm dec c T direct horizon l' s') i))
                  (given A vm i (schedule A vm dec c T direct horizon l' s')).
Proof. exact isolated. Qed.

(** Theorem 2.  "A conventional third generation computer is recursively virtualizable if it is: (a)
    virtualizable, and (b) a VMM without any timing dependencies can be constructed for it."

    [control_program_correct] is (b): the monitor is a program of the machine, and how many steps it
    takes is of no account.  [tower cs v r]: r runs the first control program of cs, whose virtual
    machine runs the second ..., the last of which runs v. *)
Theorem Theorem_2 : forall A, (forall i, sensitive A i -> privileged A i) ->
  forall cs, (forall c, In c cs -> control_program_correct A c) ->
  forall k v r, tower A cs v r ->
  exists n, n >= k /\ tower A cs (iter A k (step A) v) (iter A n (step A) r).
Proof. exact theorem2_run. Qed.

(** Not vacuous: a machine, a program of 56 instructions for it, and that program under itself to any
    depth that storage allows. *)
Theorem Recursive_virtualization : forall mx n sz, 2 <= sz -> n * kbase + sz <= mx ->
  forall v : stateA (SM mx), length (mem v) = sz ->
  exists cs r, length cs = n /\ (forall c, In c cs -> is_soft mx c) /\ tower (SM mx) cs v r /\
    forall k, exists j, j >= k /\
      tower (SM mx) cs (iter (SM mx) k (step (SM mx)) v) (iter (SM mx) j (step (SM mx)) r).
Proof. exact recursive_virtualization. Qed.

(** Theorem 3.  "A hybrid virtual machine monitor may be constructed for any conventional third
    generation machine in which the set of user sensitive instructions are a subset of the set of
    privileged instructions." *)
Theorem Theorem_3 : forall A, (forall i, user_sensitive A i -> privileged A i) ->
  forall c : cfg A, correct_hmonitor A c (hmonitor A c) /\
  forall k v r, hruns A c v r -> exists n, k <= n <= 2 * k /\
    hruns A c (iter A k (step A) v) (iter A n (hosted A (hmonitor A c)) r) /\
    resources_kept A c r (iter A n (hosted A (hmonitor A c)) r).
Proof. exact theorem3_of. Qed.

Theorem Theorem_3_a_hybrid_monitor_exists : forall A base size,
  3 * K A <= base -> (N.of_nat (base + size) <= maxmem A)%N -> 2 * K A <= size -> W A -> PC A ->
  (forall i, user_sensitive A i -> privileged A i) -> hvmm_exists A base size.
Proof. exact theorem3_hvmm_exists. Qed.

(** The converse, of one step: where an instruction changes the virtual M or R, runs in user mode
    without a trap, and leaves what is out of bounds alone, f does not hold after it: no monitor has
    seen it. *)
Theorem Theorem_1_conversely : forall A c v r i r', runs A c v r -> fetch A r = Some i ->
  exec A i r = Next r' -> outside_same A r r' ->
  (pm (st (step A v)) <> pm (st v) \/ pr (st (step A v)) <> pr (st v)) ->
  step A r = r' /\ ~ runs A c (step A v) (step A r).
Proof. exact untrapped_control_breaks. Qed.

(** The converse, of every monitor and for ever.  A sensitive instruction that is not privileged does
    not rule out a monitor by itself: no guest may reach the states in which it is sensitive.  Two
    guests va and vb do, in the same M and R, that the hardware, in user mode, leads without a trap to
    one state w, and that end apart on the bare machine, in loops that the hardware runs by itself.
    Theorem 3's condition is the hypothesis that user programs' instructions are at least the same
    wherever they lie. *)
Theorem Theorem_1_conversely_of_every_monitor : forall A base size, 3 * K A <= base ->
  (N.of_nat (base + size) <= maxmem A)%N -> 2 * K A <= size ->
  (forall i, user_sensitive A i -> privileged A i) ->
  forall va vb na nb w ka kb xa xb, length (mem va) = size -> length (mem vb) = size ->
  pm (st va) = pm (st vb) -> pr (st va) = pr (st vb) ->
  untrapped A na (demoted A va) = Some w -> untrapped A nb (demoted A vb) = Some w ->
  iter A ka (step A) va = xa -> loops A xa -> iter A kb (step A) vb = xb -> loops A xb ->
  pp (st xa) <> pp (st xb) -> ~ vmm_exists A base size.
Proof. exact no_monitor. Qed.

(** The converse of Theorem 3, likewise: a guest in user mode; the hardware executes its next
    instruction without a trap, wherever the guest lies ([imaged p v] is the guest with p below it), and
    then loops by itself, with other registers than the bare machine has. *)
Theorem Theorem_3_conversely_of_every_hybrid_monitor : forall A base size (v : stateA A),
  length (mem v) = size -> pm (st v) = Usr -> pm (st (step A v)) = Usr ->
  (forall p, length p = base -> exists x, result A (imaged A base size p v) = Next x /\
     pm (st x) = Usr /\ result A x = Next x /\ regs x <> regs (step A v)) ->
  ~ hvmm_exists A base size.
Proof. exact no_hybrid_monitor. Qed.

(** The paper's own counterexample: a machine with the PDP-10's JRST 1 has no monitor that runs
    unprivileged instructions directly and whose private state is a function of the virtual M and R,
    but a hybrid one; one whose user programs read R has neither. *)
Theorem JRST_1_has_no_monitor : forall base, 18 <= base -> base + 24 <= 1000 ->
  ~ vmm_exists MJ base 24.
Proof. exact MJ_no_vmm. Qed.
Theorem JRST_1_has_a_hybrid_monitor : hvmm_exists MJ 30 24.
Proof. exact MJ_hvmm. Qed.
Theorem Reading_R_leaves_no_hybrid_monitor : forall base, 0 < base -> ~ hvmm_exists MU base 14.
Proof. exact MU_no_hvmm. Qed.

(** Why the definitions are not the letter's.  Too strong: a machine with a supervisor call ... *)
Theorem The_letter_rejects_supervisor_calls : ~ lit_condition M0.
Proof. exact literal_condition_fails_M0. Qed.
(** ... which is virtualizable by these. *)
Theorem These_do_not : forall i, sensitive M0 i -> privileged M0 i.
Proof. exact M0_virtualizable. Qed.
(** Too weak: machines of one instruction, not sensitive (or privileged) by the letter, that a monitor
    gets wrong: by a memory trap that depends on l; by a seizure of the machine; by storage's size; by
    a store past the bounds. *)
Theorem The_letter_accepts_a_trap_by_place : (forall i, ~ lit_sensitive Modd i) /\
  exists v r r', runs Modd (lay _ _ 25 h25) v r /\
    result Modd v = Trap (CMem 0) /\ result Modd r = Next r'.
Proof. exact (conj odd_literal odd_breaks). Qed.
Theorem The_letter_accepts_a_seizure : (forall i, lit_privileged Mseize i) /\
  exists v r r', runs Mseize (lay _ _ 25 h25) v r /\
    result Mseize r = Next r' /\ pm (st r') = Sup /\ pr (st r') = (0, 1000)%N.
Proof. exact (conj seize_literal seize_breaks). Qed.
Theorem The_letter_does_not_see_the_size : (forall i, ~ lit_sensitive Mq i) /\
  exists v r v' r', runs Mq (lay _ _ 25 h25) v r /\
    result Mq v = Next v' /\ result Mq r = Next r' /\ regs v' <> regs r'.
Proof. exact (conj q_literal q_breaks). Qed.
Theorem The_letter_does_not_see_what_is_outside : (forall i, ~ lit_sensitive Mpast i) /\
  exists v r r', runs Mpast (lay _ _ 25 h25) v r /\
    result Mpast r = Next r' /\ nth_error (mem r) 41 <> nth_error (mem r') 41.
Proof. exact (conj past_literal past_breaks). Qed.

(** The conditions speak of instructions, not of what a trap does.  Processor.v states them for machines
    whose trap exchanges no PSWs; of a machine of the paper's kind they are the conditions above. *)
Theorem The_conditions_without_the_trap : forall A,
  (first_condition (processor_of A) <-> (forall i, sensitive A i -> privileged A i)) /\
  (third_condition (processor_of A) <-> (forall i, user_sensitive A i -> privileged A i)).
Proof. exact conditions_of_architecture. Qed.
