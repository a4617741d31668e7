//go:build !purego

#include "textflag.h"

// Vector kernels over contiguous float32. Each runs full vectors first and
// then single elements: no load reaches past the end of a slice.

// func axpyAVX2(n int, alpha float32, x, y *float32)
TEXT ·axpyAVX2(SB), NOSPLIT, $0-32
	MOVQ         n+0(FP), CX
	VBROADCASTSS alpha+8(FP), Y0
	MOVQ         x+16(FP), SI
	MOVQ         y+24(FP), DI

	SUBQ $32, CX
	JLT  axpy8

axpyLoop32:                     // y[i:i+32] += alpha * x[i:i+32]
	VMOVUPS     0(DI), Y1
	VMOVUPS     32(DI), Y2
	VMOVUPS     64(DI), Y3
	VMOVUPS     96(DI), Y4
	VFMADD231PS 0(SI), Y0, Y1
	VFMADD231PS 32(SI), Y0, Y2
	VFMADD231PS 64(SI), Y0, Y3
	VFMADD231PS 96(SI), Y0, Y4
	VMOVUPS     Y1, 0(DI)
	VMOVUPS     Y2, 32(DI)
	VMOVUPS     Y3, 64(DI)
	VMOVUPS     Y4, 96(DI)
	ADDQ        $128, SI
	ADDQ        $128, DI
	SUBQ        $32, CX
	JGE         axpyLoop32

axpy8:
	ADDQ $24, CX            // CX = remaining - 8
	JLT  axpy1

axpyLoop8:
	VMOVUPS     (DI), Y1
	VFMADD231PS (SI), Y0, Y1
	VMOVUPS     Y1, (DI)
	ADDQ        $32, SI
	ADDQ        $32, DI
	SUBQ        $8, CX
	JGE         axpyLoop8

axpy1:
	ADDQ $8, CX             // CX = remaining
	JZ   axpyDone

axpyLoop1:
	VMOVSS      (DI), X1
	VFMADD231SS (SI), X0, X1
	VMOVSS      X1, (DI)
	ADDQ        $4, SI
	ADDQ        $4, DI
	DECQ        CX
	JNZ         axpyLoop1

axpyDone:
	VZEROUPPER
	RET

// func dotAVX2(n int, x, y *float32) float64
//
// Products of two float32 are exact in float64, so the only rounding is that
// of the sums. Four registers of four sums hide the latency of the FMA.
TEXT ·dotAVX2(SB), NOSPLIT, $0-32
	MOVQ   n+0(FP), CX
	MOVQ   x+8(FP), SI
	MOVQ   y+16(FP), DI
	VXORPD Y0, Y0, Y0
	VXORPD Y1, Y1, Y1
	VXORPD Y2, Y2, Y2
	VXORPD Y3, Y3, Y3

	SUBQ $16, CX
	JLT  dotSum

dotLoop16:                      // sum[0:16] += x[i:i+16] * y[i:i+16]
	VCVTPS2PD   0(SI), Y4
	VCVTPS2PD   0(DI), Y5
	VCVTPS2PD   16(SI), Y6
	VCVTPS2PD   16(DI), Y7
	VCVTPS2PD   32(SI), Y8
	VCVTPS2PD   32(DI), Y9
	VCVTPS2PD   48(SI), Y10
	VCVTPS2PD   48(DI), Y11
	VFMADD231PD Y4, Y5, Y0
	VFMADD231PD Y6, Y7, Y1
	VFMADD231PD Y8, Y9, Y2
	VFMADD231PD Y10, Y11, Y3
	ADDQ        $64, SI
	ADDQ        $64, DI
	SUBQ        $16, CX
	JGE         dotLoop16

dotSum:
	VADDPD       Y1, Y0, Y0
	VADDPD       Y3, Y2, Y2
	VADDPD       Y2, Y0, Y0
	VEXTRACTF128 $1, Y0, X1
	VADDPD       X1, X0, X0
	VHADDPD      X0, X0, X0
	ADDQ         $16, CX    // CX = remaining
	JZ           dotDone

dotLoop1:
	VXORPD      X4, X4, X4
	VXORPD      X5, X5, X5
	VCVTSS2SD   (SI), X4, X4
	VCVTSS2SD   (DI), X5, X5
	VFMADD231SD X4, X5, X0
	ADDQ        $4, SI
	ADDQ        $4, DI
	DECQ        CX
	JNZ         dotLoop1

dotDone:
	MOVSD X0, ret+24(FP)
	VZEROUPPER
	RET

// func biasReLUAVX2(n int, y, bias *float32)
TEXT ·biasReLUAVX2(SB), NOSPLIT, $0-24
	MOVQ   n+0(FP), CX
	MOVQ   y+8(FP), DI
	MOVQ   bias+16(FP), SI
	VXORPS Y0, Y0, Y0

	SUBQ $8, CX
	JLT  bias1

biasLoop8:                      // y[i:i+8] = max(y[i:i+8]+bias[i:i+8], 0)
	VMOVUPS (DI), Y1
	VADDPS  (SI), Y1, Y1
	VMAXPS  Y1, Y0, Y1      // of two operands with a NaN the first, y, wins
	VMOVUPS Y1, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DI
	SUBQ    $8, CX
	JGE     biasLoop8

bias1:
	ADDQ $8, CX
	JZ   biasDone

biasLoop1:
	VMOVSS (DI), X1
	VADDSS (SI), X1, X1
	VMAXSS X1, X0, X1
	VMOVSS X1, (DI)
	ADDQ   $4, SI
	ADDQ   $4, DI
	DECQ   CX
	JNZ    biasLoop1

biasDone:
	VZEROUPPER
	RET

// func reluAVX2(n int, dst, x *float32)
TEXT ·reluAVX2(SB), NOSPLIT, $0-24
	MOVQ   n+0(FP), CX
	MOVQ   dst+8(FP), DI
	MOVQ   x+16(FP), SI
	VXORPS Y0, Y0, Y0

	SUBQ $8, CX
	JLT  relu1

reluLoop8:                      // dst[i:i+8] = max(x[i:i+8], 0)
	VMAXPS  (SI), Y0, Y1    // of two operands with a NaN the first, x, wins
	VMOVUPS Y1, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DI
	SUBQ    $8, CX
	JGE     reluLoop8

relu1:
	ADDQ $8, CX
	JZ   reluDone

reluLoop1:
	VMAXSS (SI), X0, X1
	VMOVSS X1, (DI)
	ADDQ   $4, SI
	ADDQ   $4, DI
	DECQ   CX
	JNZ    reluLoop1

reluDone:
	VZEROUPPER
	RET

// func reluGradAVX2(n int, dst, dy, y *float32)
TEXT ·reluGradAVX2(SB), NOSPLIT, $0-32
	MOVQ   n+0(FP), CX
	MOVQ   dst+8(FP), DI
	MOVQ   dy+16(FP), SI
	MOVQ   y+24(FP), BX
	VXORPS Y0, Y0, Y0

	SUBQ $8, CX
	JLT  grad1

gradLoop8:                      // dst[i:i+8] = dy[i:i+8] where y[i:i+8] > 0
	VCMPPS  $1, (BX), Y0, Y1 // 0 < y, false for NaN
	VANDPS  (SI), Y1, Y1
	VMOVUPS Y1, (DI)
	ADDQ    $32, BX
	ADDQ    $32, SI
	ADDQ    $32, DI
	SUBQ    $8, CX
	JGE     gradLoop8

grad1:
	ADDQ $8, CX
	JZ   gradDone

gradLoop1:
	VMOVSS (BX), X2
	VCMPSS $1, X2, X0, X1
	VMOVSS (SI), X3
	VANDPS X3, X1, X1
	VMOVSS X1, (DI)
	ADDQ   $4, BX
	ADDQ   $4, SI
	ADDQ   $4, DI
	DECQ   CX
	JNZ    gradLoop1

gradDone:
	VZEROUPPER
	RET
