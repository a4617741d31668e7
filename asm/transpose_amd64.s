//go:build !purego

#include "textflag.h"

// func transpose8AVX2(cols int, dst *float32, ldDst int, src *float32, ldSrc int)
//
// An 8x8 block is transposed in three rounds of eight shuffles, each of which
// doubles the length of the runs that stand in their final order: pairs of
// rows are interleaved by single values, then by pairs of values, and last
// the 128-bit halves of the registers are exchanged.
TEXT ·transpose8AVX2(SB), NOSPLIT, $0-40
	MOVQ cols+0(FP), CX
	MOVQ dst+8(FP), DI
	MOVQ ldDst+16(FP), R8
	MOVQ src+24(FP), SI
	MOVQ ldSrc+32(FP), R9
	SHLQ $2, R8
	SHLQ $2, R9
	LEAQ (R8)(R8*2), R10        // three rows of dst
	LEAQ (R9)(R9*2), R11        // three rows of src
	SHRQ $3, CX
	JZ   done

loop:                           // for each 8 columns of src
	LEAQ    (SI)(R9*4), BX
	VMOVUPS (SI), Y0
	VMOVUPS (SI)(R9*1), Y1
	VMOVUPS (SI)(R9*2), Y2
	VMOVUPS (SI)(R11*1), Y3
	VMOVUPS (BX), Y4
	VMOVUPS (BX)(R9*1), Y5
	VMOVUPS (BX)(R9*2), Y6
	VMOVUPS (BX)(R11*1), Y7

	VUNPCKLPS Y1, Y0, Y8        // a0 b0 a1 b1 | a4 b4 a5 b5
	VUNPCKHPS Y1, Y0, Y9        // a2 b2 a3 b3 | a6 b6 a7 b7
	VUNPCKLPS Y3, Y2, Y10
	VUNPCKHPS Y3, Y2, Y11
	VUNPCKLPS Y5, Y4, Y12
	VUNPCKHPS Y5, Y4, Y13
	VUNPCKLPS Y7, Y6, Y14
	VUNPCKHPS Y7, Y6, Y15

	VUNPCKLPD Y10, Y8, Y0       // a0 b0 c0 d0 | a4 b4 c4 d4
	VUNPCKHPD Y10, Y8, Y1       // a1 b1 c1 d1 | a5 ...
	VUNPCKLPD Y11, Y9, Y2
	VUNPCKHPD Y11, Y9, Y3
	VUNPCKLPD Y14, Y12, Y4
	VUNPCKHPD Y14, Y12, Y5
	VUNPCKLPD Y15, Y13, Y6
	VUNPCKHPD Y15, Y13, Y7

	VPERM2F128 $0x20, Y4, Y0, Y8  // a0 ... h0
	VPERM2F128 $0x20, Y5, Y1, Y9
	VPERM2F128 $0x20, Y6, Y2, Y10
	VPERM2F128 $0x20, Y7, Y3, Y11
	VPERM2F128 $0x31, Y4, Y0, Y12 // a4 ... h4
	VPERM2F128 $0x31, Y5, Y1, Y13
	VPERM2F128 $0x31, Y6, Y2, Y14
	VPERM2F128 $0x31, Y7, Y3, Y15

	LEAQ    (DI)(R8*4), BX
	VMOVUPS Y8, (DI)
	VMOVUPS Y9, (DI)(R8*1)
	VMOVUPS Y10, (DI)(R8*2)
	VMOVUPS Y11, (DI)(R10*1)
	VMOVUPS Y12, (BX)
	VMOVUPS Y13, (BX)(R8*1)
	VMOVUPS Y14, (BX)(R8*2)
	VMOVUPS Y15, (BX)(R10*1)
	LEAQ    (BX)(R8*4), DI
	ADDQ    $32, SI
	DECQ    CX
	JNZ     loop

done:
	VZEROUPPER
	RET

// func copyRowsAVX2(rows, n int, dst *float32, ldDst int, src *float32, ldSrc int)
TEXT ·copyRowsAVX2(SB), NOSPLIT, $0-48
	MOVQ rows+0(FP), CX
	MOVQ n+8(FP), R8
	MOVQ dst+16(FP), DI
	MOVQ ldDst+24(FP), R9
	MOVQ src+32(FP), SI
	MOVQ ldSrc+40(FP), R10
	SHLQ $2, R8             // bytes
	SHLQ $2, R9
	SHLQ $2, R10
	MOVQ R10, R11
	SHLQ $4, R11            // sixteen rows ahead
	ADDQ SI, R11

copyRow:                        // for rows > 0
	XORQ AX, AX

copyLoop8:
	TESTQ       $63, AX
	JNZ         copyVector
	PREFETCHT0  (R11)(AX*1)

copyVector:
	VMOVUPS (SI)(AX*1), Y0
	VMOVUPS Y0, (DI)(AX*1)
	ADDQ    $32, AX
	CMPQ    AX, R8
	JLT     copyLoop8

	ADDQ R9, DI
	ADDQ R10, SI
	ADDQ R10, R11
	DECQ CX
	JNZ  copyRow

	VZEROUPPER
	RET

// func prefetchRowsAVX2(rows, n int, src *float32, ldSrc int)
TEXT ·prefetchRowsAVX2(SB), NOSPLIT, $0-32
	MOVQ rows+0(FP), CX
	MOVQ n+8(FP), R8
	MOVQ src+16(FP), SI
	MOVQ ldSrc+24(FP), R10
	SHLQ $2, R8             // bytes
	SHLQ $2, R10

prefetchRow:                    // for rows > 0
	XORQ AX, AX

prefetchLine:
	PREFETCHT1 (SI)(AX*1)
	ADDQ       $64, AX
	CMPQ       AX, R8
	JLT        prefetchLine

	ADDQ R10, SI
	DECQ CX
	JNZ  prefetchRow

	RET
