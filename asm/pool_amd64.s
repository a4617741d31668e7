//go:build !purego

#include "textflag.h"

// Pooling of windows of 2x2 pixels, a row of windows at a time. In all four
// kernels SI and BX walk along the top and the bottom row of pixels, R10 is the
// size of a pixel in bytes, so that the right half of a window is at (SI)(R10)
// and (BX)(R10), DI walks along the outputs and R8 along the taps. CX counts
// windows and R11 channels, of which full vectors come first and then single
// ones: no load reaches past the end of a slice.

// TAPS sets Y13, Y14 and Y15 to eight times 1, 2 and 3.
#define TAPS \
	MOVL         $1, AX         \
	VMOVD        AX, X13        \
	VPBROADCASTD X13, Y13       \
	VPADDD       Y13, Y13, Y14  \
	VPADDD       Y13, Y14, Y15

// LARGER blends V, whose tap is T, into BEST and its tap FROM where V is
// larger or a NaN.
#define LARGER(V, T, BEST, FROM, MASK, NAN) \
	VCMPPS    $0x11, V, BEST, MASK       \ // best < v, false for a NaN
	VCMPPS    $3, V, V, NAN              \ // v != v
	VORPS     NAN, MASK, MASK            \
	VBLENDVPS MASK, V, BEST, BEST        \
	VBLENDVPS MASK, T, FROM, FROM

// func maxPool2x2AVX2(windows, channels int, y *float32, taps *uint8, top, bottom *float32)
TEXT ·maxPool2x2AVX2(SB), NOSPLIT, $0-48
	MOVQ windows+0(FP), CX
	MOVQ channels+8(FP), R9
	MOVQ y+16(FP), DI
	MOVQ taps+24(FP), R8
	MOVQ top+32(FP), SI
	MOVQ bottom+40(FP), BX
	LEAQ (R9*4), R10
	TAPS

max:                            // for windows > 0
	MOVQ R9, R11
	SUBQ $8, R11
	JLT  max1

maxLoop8:
	VMOVUPS      (SI), Y0
	VMOVUPS      (SI)(R10*1), Y1
	VMOVUPS      (BX), Y2
	VMOVUPS      (BX)(R10*1), Y3
	VPXOR        Y4, Y4, Y4
	LARGER(Y1, Y13, Y0, Y4, Y5, Y6)
	LARGER(Y2, Y14, Y0, Y4, Y5, Y6)
	LARGER(Y3, Y15, Y0, Y4, Y5, Y6)
	VMOVUPS      Y0, (DI)
	VEXTRACTI128 $1, Y4, X5
	VPACKSSDW    X5, X4, X4 // eight taps of 32 bits, of 16, of 8
	VPACKUSWB    X4, X4, X4
	VMOVQ        X4, (R8)
	ADDQ         $32, SI
	ADDQ         $32, BX
	ADDQ         $32, DI
	ADDQ         $8, R8
	SUBQ         $8, R11
	JGE          maxLoop8

max1:
	ADDQ $8, R11
	JZ   maxNext

maxLoop1:
	VMOVSS (SI), X0
	VMOVSS (SI)(R10*1), X1
	VMOVSS (BX), X2
	VMOVSS (BX)(R10*1), X3
	VPXOR  X4, X4, X4
	LARGER(X1, X13, X0, X4, X5, X6)
	LARGER(X2, X14, X0, X4, X5, X6)
	LARGER(X3, X15, X0, X4, X5, X6)
	VMOVSS X0, (DI)
	VMOVD  X4, AX
	MOVB   AX, (R8)
	ADDQ   $4, SI
	ADDQ   $4, BX
	ADDQ   $4, DI
	INCQ   R8
	DECQ   R11
	JNZ    maxLoop1

maxNext:
	ADDQ R10, SI            // past the right half of the window
	ADDQ R10, BX
	DECQ CX
	JNZ  max

	VZEROUPPER
	RET

// func maxPool2x2GradAVX2(windows, channels int, dtop, dbottom, dy *float32, taps *uint8)
TEXT ·maxPool2x2GradAVX2(SB), NOSPLIT, $0-48
	MOVQ  windows+0(FP), CX
	MOVQ  channels+8(FP), R9
	MOVQ  dtop+16(FP), SI
	MOVQ  dbottom+24(FP), BX
	MOVQ  dy+32(FP), DI
	MOVQ  taps+40(FP), R8
	LEAQ  (R9*4), R10
	VPXOR Y12, Y12, Y12
	TAPS

maxGrad:                        // for windows > 0
	MOVQ R9, R11
	SUBQ $8, R11
	JLT  maxGrad1

maxGradLoop8:
	VPMOVZXBD (R8), Y1
	VADDPS    (DI), Y12, Y0 // 0 + dy
	VPCMPEQD  Y12, Y1, Y2   // taps == 0
	VPCMPEQD  Y13, Y1, Y3
	VPCMPEQD  Y14, Y1, Y4
	VPCMPEQD  Y15, Y1, Y5
	VPAND     Y0, Y2, Y2
	VPAND     Y0, Y3, Y3
	VPAND     Y0, Y4, Y4
	VPAND     Y0, Y5, Y5
	VMOVUPS   Y2, (SI)
	VMOVUPS   Y3, (SI)(R10*1)
	VMOVUPS   Y4, (BX)
	VMOVUPS   Y5, (BX)(R10*1)
	ADDQ      $32, SI
	ADDQ      $32, BX
	ADDQ      $32, DI
	ADDQ      $8, R8
	SUBQ      $8, R11
	JGE       maxGradLoop8

maxGrad1:
	ADDQ $8, R11
	JZ   maxGradNext

maxGradLoop1:
	MOVBLZX  (R8), AX
	VMOVD    AX, X1
	VADDSS   (DI), X12, X0
	VPCMPEQD X12, X1, X2
	VPCMPEQD X13, X1, X3
	VPCMPEQD X14, X1, X4
	VPCMPEQD X15, X1, X5
	VPAND    X0, X2, X2
	VPAND    X0, X3, X3
	VPAND    X0, X4, X4
	VPAND    X0, X5, X5
	VMOVSS   X2, (SI)
	VMOVSS   X3, (SI)(R10*1)
	VMOVSS   X4, (BX)
	VMOVSS   X5, (BX)(R10*1)
	ADDQ     $4, SI
	ADDQ     $4, BX
	ADDQ     $4, DI
	INCQ     R8
	DECQ     R11
	JNZ      maxGradLoop1

maxGradNext:
	ADDQ R10, SI
	ADDQ R10, BX
	DECQ CX
	JNZ  maxGrad

	VZEROUPPER
	RET

// QUARTER sets Y15 to eight times 0.25.
#define QUARTER \
	MOVL         $0x3e800000, AX \
	VMOVD        AX, X15         \
	VPBROADCASTD X15, Y15

// func meanPool2x2AVX2(windows, channels int, y, top, bottom *float32)
TEXT ·meanPool2x2AVX2(SB), NOSPLIT, $0-40
	MOVQ windows+0(FP), CX
	MOVQ channels+8(FP), R9
	MOVQ y+16(FP), DI
	MOVQ top+24(FP), SI
	MOVQ bottom+32(FP), BX
	LEAQ (R9*4), R10
	QUARTER

mean:                           // for windows > 0
	MOVQ R9, R11
	SUBQ $8, R11
	JLT  mean1

meanLoop8:
	VMOVUPS (SI), Y0
	VADDPS  (SI)(R10*1), Y0, Y0
	VADDPS  (BX), Y0, Y0
	VADDPS  (BX)(R10*1), Y0, Y0
	VMULPS  Y15, Y0, Y0
	VMOVUPS Y0, (DI)
	ADDQ    $32, SI
	ADDQ    $32, BX
	ADDQ    $32, DI
	SUBQ    $8, R11
	JGE     meanLoop8

mean1:
	ADDQ $8, R11
	JZ   meanNext

meanLoop1:
	VMOVSS (SI), X0
	VADDSS (SI)(R10*1), X0, X0
	VADDSS (BX), X0, X0
	VADDSS (BX)(R10*1), X0, X0
	VMULSS X15, X0, X0
	VMOVSS X0, (DI)
	ADDQ   $4, SI
	ADDQ   $4, BX
	ADDQ   $4, DI
	DECQ   R11
	JNZ    meanLoop1

meanNext:
	ADDQ R10, SI
	ADDQ R10, BX
	DECQ CX
	JNZ  mean

	VZEROUPPER
	RET

// func meanPool2x2GradAVX2(windows, channels int, dtop, dbottom, dy *float32)
TEXT ·meanPool2x2GradAVX2(SB), NOSPLIT, $0-40
	MOVQ  windows+0(FP), CX
	MOVQ  channels+8(FP), R9
	MOVQ  dtop+16(FP), SI
	MOVQ  dbottom+24(FP), BX
	MOVQ  dy+32(FP), DI
	LEAQ  (R9*4), R10
	VPXOR Y12, Y12, Y12
	QUARTER

meanGrad:                       // for windows > 0
	MOVQ R9, R11
	SUBQ $8, R11
	JLT  meanGrad1

meanGradLoop8:
	VMULPS  (DI), Y15, Y0
	VADDPS  Y12, Y0, Y0     // 0 + dy/4
	VMOVUPS Y0, (SI)
	VMOVUPS Y0, (SI)(R10*1)
	VMOVUPS Y0, (BX)
	VMOVUPS Y0, (BX)(R10*1)
	ADDQ    $32, SI
	ADDQ    $32, BX
	ADDQ    $32, DI
	SUBQ    $8, R11
	JGE     meanGradLoop8

meanGrad1:
	ADDQ $8, R11
	JZ   meanGradNext

meanGradLoop1:
	VMULSS (DI), X15, X0
	VADDSS X12, X0, X0
	VMOVSS X0, (SI)
	VMOVSS X0, (SI)(R10*1)
	VMOVSS X0, (BX)
	VMOVSS X0, (BX)(R10*1)
	ADDQ   $4, SI
	ADDQ   $4, BX
	ADDQ   $4, DI
	DECQ   R11
	JNZ    meanGradLoop1

meanGradNext:
	ADDQ R10, SI
	ADDQ R10, BX
	DECQ CX
	JNZ  meanGrad

	VZEROUPPER
	RET
