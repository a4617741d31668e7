//go:build !purego

#include "textflag.h"
#include "microkernel_amd64.h"

// Matrix products, and that of a matrix with its own transpose; the block of
// registers and its arithmetic are in microkernel_amd64.h.

#define NEXTCOLUMN \
	ADDQ $64, BX  \
	ADDQ R10, AX  \
	ADDQ R10, R9

// NEXTROW is NEXTCOLUMN where A and B are columns of one matrix.
#define NEXTROW \
	ADDQ R10, BX \
	ADDQ R10, AX \
	ADDQ R10, R9

#define ADDROW(C0, C1) \
	VADDPS 0(DI), C0, C0  \
	VADDPS 32(DI), C1, C1 \
	ADDQ   R11, DI

#define STOREROW(C0, C1) \
	VMOVUPS C0, 0(DI)  \
	VMOVUPS C1, 32(DI) \
	ADDQ    R11, DI

// func sgemmPanelsAVX2(rows, panels, k int, a *float32, rs, cs int, b, c *float32, ldc int, accumulate bool)
TEXT ·sgemmPanelsAVX2(SB), NOSPLIT, $0-73
	MOVQ rows+0(FP), R12
	MOVQ a+24(FP), SI
	MOVQ rs+32(FP), R8
	MOVQ cs+40(FP), R10
	MOVQ c+56(FP), DX
	MOVQ ldc+64(FP), R11
	SHLQ $2, R8              // strides in bytes
	SHLQ $2, R10
	SHLQ $2, R11
	LEAQ (R8)(R8*2), R15     // 3 rows of A

rows6:                          // for rows > 0: six rows of A at SI, of C at DX
	MOVQ panels+8(FP), R13
	MOVQ b+48(FP), BX

	PCALIGN $32
block:                          // for panels > 0: one of B at BX, its block of C at DX
	MOVQ k+16(FP), CX
	MOVQ SI, AX
	LEAQ (SI)(R15*1), R9        // R9 = &a[3*rs]

	// C is needed only at the end, but a short k is over before memory answers:
	// ask for the next six rows.
	LEAQ        (R11)(R11*2), DI
	LEAQ        (DX)(DI*2), DI
	PREFETCHT0  (DI)
	PREFETCHT0  (DI)(R11*1)
	LEAQ        (DI)(R11*2), DI
	PREFETCHT0  (DI)
	PREFETCHT0  (DI)(R11*1)
	LEAQ        (DI)(R11*2), DI
	PREFETCHT0  (DI)
	PREFETCHT0  (DI)(R11*1)

	ZERO

	CMPQ R10, $4
	JNE  strided
	SUBQ $8, CX
	JLT  tail8

	// Where the elements of a row of A stand side by side, offsets are known and
	// few instructions go to moving pointers. The first touch of A may come all
	// the way from memory: ask for the next six rows while these are in use.
	LEAQ (SI)(R15*2), DI
	LEAQ (DI)(R15*1), R14

	PCALIGN $32
loop8:                          // for ; k >= 8; k -= 8
	PREFETCHT1 (DI)
	STEP(0, 0)
	PREFETCHT1 (DI)(R8*1)
	STEP(64, 4)
	PREFETCHT1 (DI)(R8*2)
	STEP(128, 8)
	PREFETCHT1 (R14)
	STEP(192, 12)
	PREFETCHT1 (R14)(R8*1)
	STEP(256, 16)
	PREFETCHT1 (R14)(R8*2)
	STEP(320, 20)
	STEP(384, 24)
	STEP(448, 28)
	ADDQ $512, BX
	ADDQ $32, AX
	ADDQ $32, R9
	ADDQ $32, DI
	ADDQ $32, R14
	SUBQ $8, CX
	JGE  loop8

tail8:
	ADDQ $8, CX

strided:
	SUBQ $4, CX
	JLT  tail4

	PCALIGN $32
loop4:                          // for ; k >= 4; k -= 4
	STEP(0, 0)
	NEXTCOLUMN
	STEP(0, 0)
	NEXTCOLUMN
	STEP(0, 0)
	NEXTCOLUMN
	STEP(0, 0)
	NEXTCOLUMN
	SUBQ $4, CX
	JGE  loop4

tail4:
	ADDQ $4, CX
	JZ   done

loop1:                          // for ; k > 0; k--
	STEP(0, 0)
	NEXTCOLUMN
	DECQ CX
	JNZ  loop1

done:
	CMPB accumulate+72(FP), $0
	JEQ  store
	MOVQ DX, DI
	ADDROW(Y0, Y1)
	ADDROW(Y2, Y3)
	ADDROW(Y4, Y5)
	ADDROW(Y6, Y7)
	ADDROW(Y8, Y9)
	ADDROW(Y10, Y11)

store:
	MOVQ DX, DI
	STOREROW(Y0, Y1)
	STOREROW(Y2, Y3)
	STOREROW(Y4, Y5)
	STOREROW(Y6, Y7)
	STOREROW(Y8, Y9)
	STOREROW(Y10, Y11)
	ADDQ $64, DX
	DECQ R13                    // BX is at the next panel
	JNZ  block

	LEAQ (SI)(R15*2), SI        // six rows on
	MOVQ panels+8(FP), CX
	SHLQ $6, CX
	SUBQ CX, DX
	LEAQ (R11)(R11*2), CX
	LEAQ (DX)(CX*2), DX
	SUBQ $6, R12
	JG   rows6

	VZEROUPPER
	RET

// func gramPanelAVX2(rows, k int, a, b *float32, ld int, c *float32, accumulate bool)
//
// sgemmPanelsAVX2, of one panel, with B where it lies: its rows, like the columns
// of A, are rows of one matrix, so that one stride moves all three pointers.
TEXT ·gramPanelAVX2(SB), NOSPLIT, $0-49
	MOVQ    rows+0(FP), R12
	MOVQ    a+16(FP), SI
	MOVQ    ld+32(FP), R10
	MOVQ    c+40(FP), DX
	MOVBLZX accumulate+48(FP), R13
	SHLQ    $2, R10             // strides in bytes
	MOVQ    $4, R8
	MOVQ    $64, R11

	PCALIGN $32
gramBlock:                      // for rows > 0: six columns of a at SI, of C at DX
	MOVQ k+8(FP), CX
	MOVQ b+24(FP), BX
	MOVQ SI, AX
	LEAQ 12(SI), R9             // R9 = &a[3]
	ADDQ $24, SI                // SI = &a[6], the next block

	ZERO
	SUBQ   $4, CX
	JLT    gramTail

	PCALIGN $32
gramLoop4:                      // for ; k >= 4; k -= 4
	STEP(0, 0)
	NEXTROW
	STEP(0, 0)
	NEXTROW
	STEP(0, 0)
	NEXTROW
	STEP(0, 0)
	NEXTROW
	SUBQ $4, CX
	JGE  gramLoop4

gramTail:
	ADDQ $4, CX
	JZ   gramDone

gramLoop1:                      // for ; k > 0; k--
	STEP(0, 0)
	NEXTROW
	DECQ CX
	JNZ  gramLoop1

gramDone:
	TESTL R13, R13
	JZ    gramStore
	MOVQ  DX, DI
	ADDROW(Y0, Y1)
	ADDROW(Y2, Y3)
	ADDROW(Y4, Y5)
	ADDROW(Y6, Y7)
	ADDROW(Y8, Y9)
	ADDROW(Y10, Y11)

gramStore:
	MOVQ DX, DI
	STOREROW(Y0, Y1)
	STOREROW(Y2, Y3)
	STOREROW(Y4, Y5)
	STOREROW(Y6, Y7)
	STOREROW(Y8, Y9)
	STOREROW(Y10, Y11)
	MOVQ DI, DX                 // the next block
	SUBQ $6, R12
	JG   gramBlock

	VZEROUPPER
	RET
