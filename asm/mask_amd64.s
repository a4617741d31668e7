//go:build !purego

#include "textflag.h"

// bits<> is a vector of the eight bits of a byte of a mask.
DATA bits<>+0(SB)/4, $1
DATA bits<>+4(SB)/4, $2
DATA bits<>+8(SB)/4, $4
DATA bits<>+12(SB)/4, $8
DATA bits<>+16(SB)/4, $16
DATA bits<>+20(SB)/4, $32
DATA bits<>+24(SB)/4, $64
DATA bits<>+28(SB)/4, $128
GLOBL bits<>(SB), RODATA|NOPTR, $32

// func biasReLUMaskAVX2(n int, y, bias *float32, mask *uint8)
TEXT ·biasReLUMaskAVX2(SB), NOSPLIT, $0-32
	MOVQ   n+0(FP), CX
	MOVQ   y+8(FP), DI
	MOVQ   bias+16(FP), SI
	MOVQ   mask+24(FP), BX
	VXORPS Y0, Y0, Y0
	SUBQ   $8, CX
	JLT    biasDone

biasLoop:                       // y[i:i+8] = max(y[i:i+8]+bias[i:i+8], 0)
	VMOVUPS   (DI), Y1
	VADDPS    (SI), Y1, Y1
	VMAXPS    Y1, Y0, Y1    // of two operands with a NaN the first, y, wins
	VMOVUPS   Y1, (DI)
	VCMPPS    $1, Y1, Y0, Y2 // 0 < y, false for NaN
	VMOVMSKPS Y2, AX        // the sign bits of the eight lanes
	MOVB      AX, (BX)
	ADDQ      $32, SI
	ADDQ      $32, DI
	INCQ      BX
	SUBQ      $8, CX
	JGE       biasLoop

biasDone:
	VZEROUPPER
	RET

// func maskGradAVX2(n int, dst, dy *float32, mask *uint8)
TEXT ·maskGradAVX2(SB), NOSPLIT, $0-32
	MOVQ    n+0(FP), CX
	MOVQ    dst+8(FP), DI
	MOVQ    dy+16(FP), SI
	MOVQ    mask+24(FP), BX
	VMOVDQU bits<>(SB), Y0
	SUBQ    $8, CX
	JLT     gradDone

gradLoop:                       // dst[i:i+8] = dy[i:i+8] where the bits are set
	VPBROADCASTB (BX), Y1   // the byte in every lane
	VPAND        Y0, Y1, Y1 // of which lane j keeps bit j
	VPCMPEQD     Y0, Y1, Y1 // all ones where it is set
	VPAND        (SI), Y1, Y1
	VMOVDQU      Y1, (DI)
	ADDQ         $32, SI
	ADDQ         $32, DI
	INCQ         BX
	SUBQ         $8, CX
	JGE          gradLoop

gradDone:
	VZEROUPPER
	RET
