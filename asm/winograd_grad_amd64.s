//go:build !purego

#include "textflag.h"
#include "winograd_amd64.h"

// The transforms of Winograd's F(4x4,3x3) for the gradient of the filter. The
// constants are those of winograd_amd64.s.

// AMUL replaces (Y0 ... Y3) = d by A d in (Y0, Y7, Y4, Y8, Y5, Y3).
#define AMUL \
	VMOVAPS      Y0, Y4           \
	VMOVAPS      Y0, Y5           \
	VMOVAPS      Y1, Y6           \
	VFMADD231PS  Y15, Y2, Y4      \ // p = d0 + d2/2
	VFMADD231PS  Y14, Y2, Y5      \ // s = d0 + 2 d2
	VFMADD231PS  Y15, Y3, Y6      \ // q = d1 + d3/2
	VFMADD231PS  Y14, Y3, Y1      \ // u = d1 + 2 d3
	VMOVAPS      Y4, Y7           \
	VMOVAPS      Y5, Y8           \
	VFMADD231PS  Y12, Y6, Y7      \ // p + a q
	VFNMADD231PS Y12, Y6, Y4      \ // p - a q
	VFMADD231PS  Y11, Y1, Y8      \ // s + b u
	VFNMADD231PS Y11, Y1, Y5        // s - b u

// TILECOLUMN transforms column j of the tile into column j of the buffer at R15.
#define TILECOLUMN(J) \
	VMOVUPS (AX), Y0              \
	VMOVUPS (AX)(R8*1), Y1        \
	VMOVUPS (AX)(R8*2), Y2        \
	VMOVUPS (AX)(R14*1), Y3       \
	AMUL                          \
	VMOVAPS Y0, (32*J+0)(R15)     \
	VMOVAPS Y7, (32*J+128)(R15)   \
	VMOVAPS Y4, (32*J+256)(R15)   \
	VMOVAPS Y8, (32*J+384)(R15)   \
	VMOVAPS Y5, (32*J+512)(R15)   \
	VMOVAPS Y3, (32*J+640)(R15)   \
	ADDQ    R9, AX

// TILEROW transforms row i of the buffer and stores it.
#define TILEROW(I) \
	VMOVAPS (128*I+0)(R15), Y0    \
	VMOVAPS (128*I+32)(R15), Y1   \
	VMOVAPS (128*I+64)(R15), Y2   \
	VMOVAPS (128*I+96)(R15), Y3   \
	AMUL                          \
	FREQUENCIES(Y0, Y7, Y4, Y8, Y5, Y3)

// func winogradOutputGradAVX2(tiles, n int, dst *float32, tileStride, freqStride int, src *float32, rowStride, pixelStride int)
TEXT ·winogradOutputGradAVX2(SB), 0, $840-64
	VBROADCASTSS ·winogradConst+4(SB), Y14  // 2
	VBROADCASTSS ·winogradConst+8(SB), Y15  // 1/2
	VBROADCASTSS ·winogradConst+12(SB), Y12 // a
	VBROADCASTSS ·winogradConst+16(SB), Y11 // b
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
	LEAQ         buffer-832(SP), R15
	ADDQ         $31, R15
	ANDQ         $~31, R15

tile:
	MOVQ n+8(FP), CX
	MOVQ R12, DI                // DI = dst of the channel, SI = its tile
	MOVQ R11, SI

channel:                        // for n > 0; n -= 8
	MOVQ SI, AX
	TILECOLUMN(0)
	TILECOLUMN(1)
	TILECOLUMN(2)
	TILECOLUMN(3)
	MOVQ DI, DX
	TILEROW(0)
	TILEROW(1)
	TILEROW(2)
	TILEROW(3)
	TILEROW(4)
	TILEROW(5)
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

// GT replaces (Y0 ... Y5) = e by G^T e in (Y0, Y7, Y5).
#define GT \
	VADDPS      Y2, Y1, Y6       \ // s = e1 + e2
	VSUBPS      Y2, Y1, Y7       \ // d = e1 - e2
	VADDPS      Y4, Y3, Y8       \ // t = e3 + e4
	VSUBPS      Y4, Y3, Y9       \ // f = e3 - e4
	VFMADD231PS Y15, Y6, Y0      \
	VMULPS      Y13, Y7, Y7      \
	VFMADD231PS Y14, Y6, Y5      \
	VFMADD231PS Y12, Y8, Y0      \ // e0 - 2/3 s + 1/6 t
	VFMADD231PS Y10, Y9, Y7      \ // -2a/3 d + b/6 f
	VFMADD231PS Y11, Y8, Y5        // e5 - 1/3 s + 1/3 t

// FREQCOLUMN transforms column j of the sums into column j of the buffer.
#define FREQCOLUMN(J) \
	SIXROWS                       \
	GT                            \
	VMOVAPS Y0, (32*J+0)(R15)     \
	VMOVAPS Y7, (32*J+192)(R15)   \
	VMOVAPS Y5, (32*J+384)(R15)   \
	ADDQ    R9, AX

// TAPROW transforms row i of the buffer to three taps.
#define TAPROW(I) \
	BUFFERED(I)                   \
	GT                            \
	VMOVUPS Y0, (DX)              \
	VMOVUPS Y7, (DX)(R10*1)       \
	VMOVUPS Y5, (DX)(R10*2)       \
	ADDQ    R13, DX

// func winogradFilterGradAVX2(n int, dst *float32, tapStride int, src *float32, freqStride int)
TEXT ·winogradFilterGradAVX2(SB), 0, $648-40
	VBROADCASTSS ·winogradConst+28(SB), Y15 // -2/3
	VBROADCASTSS ·winogradConst+32(SB), Y14 // -1/3
	VBROADCASTSS ·winogradConst+36(SB), Y13 // -2a/3
	VBROADCASTSS ·winogradConst+40(SB), Y12 // 1/6
	VBROADCASTSS ·winogradConst+44(SB), Y11 // 1/3
	VBROADCASTSS ·winogradConst+48(SB), Y10 // b/6
	MOVQ         n+0(FP), CX
	MOVQ         dst+8(FP), DI
	MOVQ         tapStride+16(FP), R10
	MOVQ         src+24(FP), SI
	MOVQ         freqStride+32(FP), R9
	SHLQ         $2, R9             // strides in bytes
	SHLQ         $2, R10
	LEAQ         (R9)(R9*2), R8
	SHLQ         $1, R8             // a row: six frequencies
	LEAQ         (R8)(R8*2), R14
	LEAQ         (R10)(R10*2), R13
	LEAQ         buffer-640(SP), R15
	ADDQ         $31, R15
	ANDQ         $~31, R15

channel:                        // for n > 0; n -= 8
	MOVQ SI, AX
	FREQCOLUMN(0)
	FREQCOLUMN(1)
	FREQCOLUMN(2)
	FREQCOLUMN(3)
	FREQCOLUMN(4)
	FREQCOLUMN(5)
	MOVQ DI, DX
	TAPROW(0)
	TAPROW(1)
	TAPROW(2)
	ADDQ $32, SI
	ADDQ $32, DI
	SUBQ $8, CX
	JG   channel

	VZEROUPPER
	RET
