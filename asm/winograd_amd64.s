//go:build !purego

#include "textflag.h"
#include "winograd_amd64.h"

// The transforms of Winograd's F(4x4,3x3) for a convolution.

DATA  ·winogradConst+0(SB)/4, $2.5
DATA  ·winogradConst+4(SB)/4, $2.0
DATA  ·winogradConst+8(SB)/4, $0.5
DATA  ·winogradConst+12(SB)/4, $0.70710678118654752440  // a = sqrt(1/2)
DATA  ·winogradConst+16(SB)/4, $1.41421356237309504880  // b = sqrt(2)
DATA  ·winogradConst+20(SB)/4, $0.35355339059327376220  // a/2
DATA  ·winogradConst+24(SB)/4, $2.82842712474619009760  // 2b
DATA  ·winogradConst+28(SB)/4, $-0.66666666666666666667 // -2/3
DATA  ·winogradConst+32(SB)/4, $-0.33333333333333333333 // -1/3
DATA  ·winogradConst+36(SB)/4, $-0.47140452079103168293 // -2a/3
DATA  ·winogradConst+40(SB)/4, $0.16666666666666666667  // 1/6
DATA  ·winogradConst+44(SB)/4, $0.33333333333333333333  // 1/3
DATA  ·winogradConst+48(SB)/4, $0.23570226039551584147  // b/6
GLOBL ·winogradConst(SB), RODATA|NOPTR, $52

// BT replaces (Y0 ... Y5) = d by B^T d in (Y6, Y10, Y8, Y5, Y4, Y7).
#define BT \
	VADDPS       Y4, Y0, Y6       \
	VADDPS       Y5, Y1, Y7       \
	VMOVAPS      Y4, Y8           \
	VMOVAPS      Y3, Y9           \
	VFNMADD231PS Y13, Y2, Y6      \ // Y6 = d0 + d4 - 5/2 d2
	VFNMADD231PS Y13, Y3, Y7      \ // Y7 = d1 + d5 - 5/2 d3
	VFNMADD231PS Y14, Y2, Y8      \ // u = d4 - 2 d2
	VFNMADD231PS Y14, Y1, Y9      \ // s = d3 - 2 d1
	VFNMADD231PS Y15, Y2, Y4      \ // w = d4 - d2/2
	VFNMADD231PS Y15, Y1, Y3      \ // z = d3 - d1/2
	VMOVAPS      Y8, Y10          \
	VMOVAPS      Y4, Y5           \
	VFMADD231PS  Y12, Y9, Y10     \ // u + a s
	VFNMADD231PS Y12, Y9, Y8      \ // u - a s
	VFMADD231PS  Y11, Y3, Y5      \ // w + b z
	VFNMADD231PS Y11, Y3, Y4        // w - b z

// COLUMN transforms column j of the patch into column j of the buffer at R15.
#define COLUMN(J) \
	SIXROWS                       \
	BT                            \
	VMOVAPS Y6, (32*J+0)(R15)     \
	VMOVAPS Y10, (32*J+192)(R15)  \
	VMOVAPS Y8, (32*J+384)(R15)   \
	VMOVAPS Y5, (32*J+576)(R15)   \
	VMOVAPS Y4, (32*J+768)(R15)   \
	VMOVAPS Y7, (32*J+960)(R15)   \
	ADDQ    R9, AX

// AHEAD asks the memory for what the next tile will find in this column. A
// processor does not foresee an access to six rows that jumps from pixel to pixel.
#define AHEAD \
	LEAQ       (AX)(R9*4), DX     \ // four pixels on
	PREFETCHT1 (DX)               \
	PREFETCHT1 (DX)(R8*1)         \
	PREFETCHT1 (DX)(R8*2)         \
	ADDQ       R14, DX            \
	PREFETCHT1 (DX)               \
	PREFETCHT1 (DX)(R8*1)         \
	PREFETCHT1 (DX)(R8*2)

// ROW transforms row i of the buffer and stores it.
#define ROW(I) \
	BUFFERED(I)                   \
	BT                            \
	FREQUENCIES(Y6, Y10, Y8, Y5, Y4, Y7)

// func winogradInputAVX2(tiles, n int, dst *float32, tileStride, freqStride int, src *float32, rowStride, pixelStride int)
TEXT ·winogradInputAVX2(SB), 0, $1192-64
	VBROADCASTSS ·winogradConst+0(SB), Y13
	VBROADCASTSS ·winogradConst+4(SB), Y14
	VBROADCASTSS ·winogradConst+8(SB), Y15
	VBROADCASTSS ·winogradConst+12(SB), Y12
	VBROADCASTSS ·winogradConst+16(SB), Y11
	MOVQ         dst+16(FP), R12
	MOVQ         freqStride+32(FP), R10
	MOVQ         src+40(FP), R11
	MOVQ         rowStride+48(FP), R8
	MOVQ         pixelStride+56(FP), R9
	SHLQ         $2, R8             // strides in bytes
	SHLQ         $2, R9
	SHLQ         $2, R10
	LEAQ         (R8)(R8*2), R14
	LEAQ         (R10)(R10*2), R13
	LEAQ         buffer-1184(SP), R15
	ADDQ         $31, R15
	ANDQ         $~31, R15

tile:
	MOVQ n+8(FP), CX
	MOVQ R12, DI                // DI = dst of the channel, SI = its patch
	MOVQ R11, SI

channel:                        // for n > 0; n -= 8
	MOVQ SI, AX
	COLUMN(0)
	COLUMN(1)
	AHEAD                       // its first two columns are the last of this one
	COLUMN(2)
	AHEAD
	COLUMN(3)
	AHEAD
	COLUMN(4)
	AHEAD
	COLUMN(5)
	MOVQ DI, DX
	ROW(0)
	ROW(1)
	ROW(2)
	ROW(3)
	ROW(4)
	ROW(5)
	ADDQ $32, SI
	ADDQ $32, DI
	SUBQ $8, CX
	JG   channel

	MOVQ tileStride+24(FP), AX
	LEAQ (R12)(AX*4), R12
	LEAQ (R11)(R9*4), R11       // four pixels on
	DECQ tiles+0(FP)
	JG   tile

	VZEROUPPER
	RET

// AT replaces (Y0 ... Y5) = m by A^T m in (Y0, Y8, Y9, Y5).
#define AT \
	VADDPS      Y2, Y1, Y6       \ // s = m1 + m2
	VSUBPS      Y2, Y1, Y1       \ // d = m1 - m2
	VADDPS      Y4, Y3, Y7       \ // t = m3 + m4
	VSUBPS      Y4, Y3, Y3       \ // e = m3 - m4
	VADDPS      Y6, Y0, Y0       \
	VMULPS      Y12, Y1, Y8      \
	VMULPS      Y15, Y6, Y9      \
	VFMADD231PS Y13, Y1, Y5      \
	VADDPS      Y7, Y0, Y0       \ // m0 + s + t
	VFMADD231PS Y11, Y3, Y8      \ // a d + b e
	VFMADD231PS Y14, Y7, Y9      \ // s/2 + 2 t
	VFMADD231PS Y10, Y3, Y5        // m5 + a/2 d + 2b e

// OUTCOLUMN transforms column j of the products into column j of the buffer.
#define OUTCOLUMN(J) \
	SIXROWS                       \
	AT                            \
	VMOVAPS Y0, (32*J+0)(R15)     \
	VMOVAPS Y8, (32*J+192)(R15)   \
	VMOVAPS Y9, (32*J+384)(R15)   \
	VMOVAPS Y5, (32*J+576)(R15)   \
	ADDQ    R9, AX

// MASKBYTE stores eight bits, set where V > 0.
#define MASKBYTE(V, ADDR) \
	VCMPPS    $0x1e, Y2, V, Y4 \ // V > Y2 = 0
	VMOVMSKPS Y4, BX           \
	MOVB      BX, ADDR

// func winogradOutputAVX2(n int, dst *float32, rowStride, pixelStride int, src *float32, freqStride int, bias *float32, mask *uint8, relu, accumulate bool)
TEXT ·winogradOutputAVX2(SB), 0, $840-66
	VBROADCASTSS ·winogradConst+12(SB), Y12
	VBROADCASTSS ·winogradConst+16(SB), Y11
	VBROADCASTSS ·winogradConst+8(SB), Y15
	VBROADCASTSS ·winogradConst+4(SB), Y14
	VBROADCASTSS ·winogradConst+20(SB), Y13
	VBROADCASTSS ·winogradConst+24(SB), Y10
	MOVQ         dst+8(FP), DI
	MOVQ         rowStride+16(FP), R11
	MOVQ         pixelStride+24(FP), R10
	MOVQ         src+32(FP), SI
	MOVQ         freqStride+40(FP), R9
	MOVQ         mask+56(FP), R12
	SHLQ         $2, R9             // strides in bytes
	SHLQ         $2, R10
	SHLQ         $2, R11
	LEAQ         (R9)(R9*2), R8
	SHLQ         $1, R8             // a row of products: six frequencies
	LEAQ         (R8)(R8*2), R14
	LEAQ         buffer-832(SP), R15
	ADDQ         $31, R15
	ANDQ         $~31, R15

channel:                        // for n > 0; n -= 8
	MOVQ SI, AX
	OUTCOLUMN(0)
	OUTCOLUMN(1)
	OUTCOLUMN(2)
	OUTCOLUMN(3)
	OUTCOLUMN(4)
	OUTCOLUMN(5)

	MOVQ DI, DX                 // DX = row of dst, R13 = its mask
	MOVQ R12, R13
	XORQ CX, CX                 // CX = row of the buffer

row:
	VMOVAPS 0(R15)(CX*1), Y0
	VMOVAPS 32(R15)(CX*1), Y1
	VMOVAPS 64(R15)(CX*1), Y2
	VMOVAPS 96(R15)(CX*1), Y3
	VMOVAPS 128(R15)(CX*1), Y4
	VMOVAPS 160(R15)(CX*1), Y5
	AT
	LEAQ    (DX)(R10*2), AX

	LEAQ       (DX)(R10*4), BX  // the row of the next tile, four pixels on
	PREFETCHT1 (BX)
	PREFETCHT1 (BX)(R10*1)
	LEAQ       (AX)(R10*4), BX
	PREFETCHT1 (BX)
	PREFETCHT1 (BX)(R10*1)

	CMPB   accumulate+65(FP), $0
	JEQ    bias
	VADDPS (DX), Y0, Y0
	VADDPS (DX)(R10*1), Y8, Y8
	VADDPS (AX), Y9, Y9
	VADDPS (AX)(R10*1), Y5, Y5

bias:
	MOVQ    bias+48(FP), BX
	TESTQ   BX, BX
	JZ      relu
	VMOVUPS (BX), Y1
	VADDPS  Y1, Y0, Y0
	VADDPS  Y1, Y8, Y8
	VADDPS  Y1, Y9, Y9
	VADDPS  Y1, Y5, Y5

relu:
	VXORPS Y2, Y2, Y2
	CMPB   relu+64(FP), $0
	JEQ    mask
	VMAXPS Y0, Y2, Y0           // the second operand where one is NaN: keeps it
	VMAXPS Y8, Y2, Y8
	VMAXPS Y9, Y2, Y9
	VMAXPS Y5, Y2, Y5

mask:
	TESTQ R12, R12
	JZ    store
	MOVQ  R10, R8               // bits: a thirty-second of the bytes of dst
	SHRQ  $5, R8
	MASKBYTE(Y0, (R13))
	MASKBYTE(Y8, (R13)(R8*1))
	MASKBYTE(Y9, (R13)(R8*2))
	LEAQ  (R13)(R8*2), BX
	ADDQ  BX, R8
	VCMPPS    $0x1e, Y2, Y5, Y4
	VMOVMSKPS Y4, BX
	MOVB  BX, (R8)
	MOVQ  R11, R8
	SHRQ  $5, R8
	ADDQ  R8, R13
	LEAQ  (R9)(R9*2), R8
	SHLQ  $1, R8

store:
	VMOVUPS Y0, (DX)
	VMOVUPS Y8, (DX)(R10*1)
	VMOVUPS Y9, (AX)
	VMOVUPS Y5, (AX)(R10*1)
	ADDQ    R11, DX
	ADDQ    $192, CX
	CMPQ    CX, $768
	JNE     row

	ADDQ  $32, SI
	ADDQ  $32, DI
	MOVQ  bias+48(FP), BX
	TESTQ BX, BX
	JZ    nobias
	ADDQ  $32, BX
	MOVQ  BX, bias+48(FP)

nobias:
	TESTQ R12, R12
	JZ    nomask
	INCQ  R12

nomask:
	SUBQ $8, n+0(FP)
	JG   channel

	VZEROUPPER
	RET

// func winogradFilterAVX2(k int, dst *float32, freqStride int, src *float32, g0, g1, g2 float32)
TEXT ·winogradFilterAVX2(SB), NOSPLIT, $0-44
	MOVQ         k+0(FP), CX
	MOVQ         dst+8(FP), DX
	MOVQ         freqStride+16(FP), R10
	MOVQ         src+24(FP), AX
	VBROADCASTSS g0+32(FP), Y10
	VBROADCASTSS g1+36(FP), Y11
	VBROADCASTSS g2+40(FP), Y12
	VBROADCASTSS ·winogradConst+28(SB), Y4 // -2/3
	VBROADCASTSS ·winogradConst+32(SB), Y5 // -1/3
	VBROADCASTSS ·winogradConst+36(SB), Y6 // -2a/3
	VBROADCASTSS ·winogradConst+40(SB), Y7 // 1/6
	VBROADCASTSS ·winogradConst+44(SB), Y8 // 1/3
	VBROADCASTSS ·winogradConst+48(SB), Y9 // b/6
	SHLQ         $2, R10
	LEAQ         (R10)(R10*2), R11
	MOVQ         CX, R8
	SHLQ         $6, R8             // from one tap to the next
	LEAQ         (R8)(R8*2), R9
	LEAQ         (AX)(R9*1), BX     // taps 3, 4, 5
	LEAQ         (BX)(R9*1), SI     // taps 6, 7, 8
	SHLQ         $1, CX             // vectors of eight filters

loop:
	VMULPS      (AX), Y10, Y13      // x = row i of G g
	VMULPS      (AX)(R8*1), Y10, Y14
	VMULPS      (AX)(R8*2), Y10, Y15
	VFMADD231PS (BX), Y11, Y13
	VFMADD231PS (BX)(R8*1), Y11, Y14
	VFMADD231PS (BX)(R8*2), Y11, Y15
	VFMADD231PS (SI), Y12, Y13
	VFMADD231PS (SI)(R8*1), Y12, Y14
	VFMADD231PS (SI)(R8*2), Y12, Y15

	VMULPS       Y4, Y13, Y0        // -2/3 x0 - 1/3 x2
	VMULPS       Y7, Y13, Y2        // 1/6 x0 + 1/3 x2
	VFMADD231PS  Y5, Y15, Y0
	VFMADD231PS  Y8, Y15, Y2
	VMOVAPS      Y0, Y1
	VMOVAPS      Y2, Y3
	VFMADD231PS  Y6, Y14, Y0        // -+ 2a/3 x1
	VFNMADD231PS Y6, Y14, Y1
	VFMADD231PS  Y9, Y14, Y2        // +- b/6 x1
	VFNMADD231PS Y9, Y14, Y3

	LEAQ    (DX)(R11*1), DI
	VMOVUPS Y13, (DX)
	VMOVUPS Y0, (DX)(R10*1)
	VMOVUPS Y1, (DX)(R10*2)
	VMOVUPS Y2, (DI)
	VMOVUPS Y3, (DI)(R10*1)
	VMOVUPS Y15, (DI)(R10*2)
	ADDQ    $32, AX
	ADDQ    $32, BX
	ADDQ    $32, SI
	ADDQ    $32, DX
	DECQ    CX
	JNZ     loop

	VZEROUPPER
	RET
