# A random user-mode program for MIPS32 release 2, as GNU assembly: a loop over random instructions that
# do not trap and whose results the manual tells, then all registers, HI, LO and the data written to
# standard output.  -v seed=N -v count=N: how many instructions.
# $1 to $24 are the program's, $25 counts rounds, $26 is where the data are; $27 where results go.

function below(n) { return int(rand() * n) }
function reg() { return "$" below(25) }
function target() { return "$" 1 + below(24) }
function number() { return below(4) ? below(65536) - 32768 : below(9) - 4 }
function natural() { return below(65536) }
function emit(text) { print "\t" text }
function one_of(list,   a) { return a[1 + below(split(list, a, " "))] }

# One instruction that may stand in a delay slot.
function plain(   k, pos, size, to) {
	k = below(16)
	to = target()
	if (k < 4)
		emit(one_of("addu subu and or xor nor slt sltu movn movz sllv srlv srav rotrv") " " to ", " reg() ", " reg())
	else if (k < 6)
		emit(one_of("addiu slti sltiu") " " to ", " reg() ", " number())
	else if (k < 7)
		emit(one_of("andi ori xori") " " to ", " reg() ", " natural())
	else if (k < 8)
		emit("lui " to ", " natural())
	else if (k < 9)
		emit(one_of("sll srl sra rotr") " " to ", " reg() ", " below(32))
	else if (k < 10)
		emit(one_of("seb seh wsbh clz clo") " " to ", " reg())
	else if (k < 11) {
		pos = below(32)
		size = 1 + below(32 - pos)
		emit(one_of("ext ins") " " to ", " reg() ", " pos ", " size)
	} else if (k < 12)
		emit(one_of("mult multu madd maddu msub msubu") " " reg() ", " reg())
	else if (k < 13)
		emit(below(2) ? one_of("mfhi mflo") " " to : one_of("mthi mtlo") " " reg())
	else if (k < 15)
		storage()
	else
		emit(one_of("sync nop ssnop ehb") "")
}

function storage(   k) {
	k = below(4)
	if (k == 0)
		emit(one_of("lb lbu lwl lwr") " " target() ", " below(256) "($26)")
	else if (k == 1)
		emit(one_of("sb swl swr") " " reg() ", " below(256) "($26)")
	else if (k == 2)
		emit(one_of("lh lhu sh") " " target() ", " 2 * below(128) "($26)")
	else
		emit(one_of("lw sw") " " target() ", " 4 * below(64) "($26)")
}

# Several, one after the other.
function group(   k, a, b, to, label) {
	k = below(14)
	a = target()
	b = target()
	to = target()
	if (k == 0) {
		emit("ori " b ", " b ", 1")
		emit(one_of("div divu") " $0, " a ", " b)
	} else if (k == 1) {
		emit("sra " a ", " a ", 1")
		emit("sra " b ", " b ", 1")
		emit(one_of("add sub") " " to ", " a ", " b)
		emit("teqi $0, 1")
		emit("addi " to ", $0, " number())
	} else if (k == 2) {
		emit("mul " to ", " a ", " b)
		emit("mthi " a)
		emit("mtlo " b)
	} else if (k == 3) {
		emit("ll " a ", 16($26)")
		emit("addiu " a ", " a ", 1")
		emit("sc " a ", 16($26)")
	} else if (k > 11) {
		emit(one_of("mult multu madd maddu msub msubu") " " a ", " b)
		emit("mfhi " to)
		emit("mflo " b)
	} else {
		label = "f" ++labels
		if (k < 6)
			emit(one_of("beq bne beql bnel") " " reg() ", " (below(3) ? reg() : "$0") ", " label)
		else if (k < 9)
			emit(one_of("blez bgtz bltz bgez blezl bgtzl bltzl bgezl") " " reg() ", " label)
		else if (k < 11)
			emit(one_of("bltzal bgezal bltzall bgezall") " " reg() ", " label)
		else
			emit(one_of("j jal b bal") " " label)
		plain()
		if (below(2))
			plain()
		print label ":"
		emit("lui $31, 0x1234")
	}
}

BEGIN {
	srand(seed)
	print "\t.set noreorder\n\t.set noat\n\t.set nomacro\n\t.globl __start\n__start:"
	for (i = 1; i < 25; i++) {
		emit("lui $" i ", " (below(4) ? natural() : 65535 * below(2)))
		emit("ori $" i ", $" i ", " natural())
	}
	emit("lui $26, %hi(data)")
	emit("addiu $26, $26, %lo(data)")
	emit("lui $31, 0")
	emit("mthi $1")
	emit("mtlo $2")
	emit("addiu $25, $0, 40")
	print "round:"
	for (i = 0; i < count; i++)
		if (below(3))
			plain()
		else
			group()
	emit("addiu $25, $25, -1")
	emit("beq $25, $0, end")
	emit("nop")
	emit("j round")
	emit("nop")
	print "end:"
	emit("lui $27, %hi(result)")
	emit("addiu $27, $27, %lo(result)")
	for (i = 0; i < 32; i++)
		if (i < 28 && i != 26 && i != 27 || i == 31)
			emit("sw $" i ", " 4 * i "($27)")
	emit("mfhi $1")
	emit("sw $1, 128($27)")
	emit("mflo $1")
	emit("sw $1, 132($27)")
	emit("addiu $2, $0, 4004")	# write
	emit("addiu $4, $0, 1")
	emit("or $5, $27, $0")
	emit("addiu $6, $0, 400")
	emit("syscall")
	emit("addiu $2, $0, 4001")	# exit
	emit("or $4, $0, $0")
	emit("syscall")
	print "\t.data\n\t.balign 16\nresult:\t.space 144\ndata:"
	for (i = 0; i < 64; i++)
		emit(".half " natural() ", " natural())
}
